import { Account, ApiKey, Organization, type EntityManager, type Invite } from '#persistence';

/** Who invites, for those who are invited: a person, or the organization whose service does; null for a first invite. */
export async function inviterNameOf(em: EntityManager, { invitedById }: Invite): Promise<string | null> {
  if (!invitedById) return null;
  const person = await em.findOne(Account, { id: invitedById });
  if (person) return person.displayName;
  const service = await em.findOne(ApiKey, { id: invitedById });
  const organization = service && (await em.findOne(Organization, { id: service.organizationId }));
  return organization?.name ?? null;
}
