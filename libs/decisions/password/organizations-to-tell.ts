import { Membership, Organization, type EntityManager } from '#persistence';

/** Whose trail tells of a person's password: the organizations that let its members in by one, else the support team. */
export async function organizationsToTell(em: EntityManager, accountId: string): Promise<string[]> {
  const memberships = await em.find(Membership, { accountId, removedAt: null });
  const concerned = await em.find(Organization, {
    $or: [{ id: { $in: memberships.map((row) => row.organizationId) } }, { kind: 'platform' }],
  });
  const own = concerned.filter(
    ({ id, loginMethods }) => loginMethods.includes('password') && memberships.some((row) => row.organizationId === id),
  );
  return (own.length > 0 ? own : concerned.filter(({ kind }) => kind === 'platform')).map(({ id }) => id);
}
