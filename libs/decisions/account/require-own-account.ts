import { Refusal } from '#contracts';
import type { Principal } from '#identity';
import { Membership, Organization, type EntityManager } from '#persistence';

/**
 * Before somebody changes what all their organizations know them by. What one organization's provider says counts in
 * that organization alone, so its sign-in does for those who belong to no other.
 */
export async function requireOwnAccount(em: EntityManager, person: Principal & { kind: 'account' }): Promise<void> {
  const { accountId, method, sessionOrganizationId } = person;
  if (method !== 'sso') return;
  const elsewhere = { accountId, removedAt: null, organizationId: { $ne: sessionOrganizationId } };
  if ((await em.count(Membership, elsewhere)) > 0) throw new Refusal('single_sign_on_not_enough');
}

/** Whose trail tells of it: everybody's who knows the person, else the support team's. */
export async function organizationsThatKnow(em: EntityManager, accountId: string): Promise<string[]> {
  const memberships = await em.find(Membership, { accountId, removedAt: null });
  if (memberships.length > 0) return [...new Set(memberships.map(({ organizationId }) => organizationId))];
  return (await em.find(Organization, { kind: 'platform' })).map(({ id }) => id);
}
