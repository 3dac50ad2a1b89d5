import { LockMode, type FilterQuery } from '@mikro-orm/postgresql';
import { Membership, type EntityManager } from '#persistence';

type Organizations = string | readonly string[];

const isFullAdministrator = { administratorRoles: { $contains: ['full_administrator'] } };

/** Owners and full administrators answer for an organization: one of each is always left. */
const answersForIt = { $or: [{ workspaceRole: 'owner' as const }, isFullAdministrator] };

const homeMembersOf = (organizations: Organizations) => ({
  organizationId: typeof organizations === 'string' ? organizations : { $in: [...organizations] },
  kind: 'home' as const,
  removedAt: null,
});

/** Account ids of the home full administrators of one organization or several, oldest member first. */
export const fullAdministratorsOf = (em: EntityManager, organizations: Organizations): Promise<string[]> =>
  accountsOf(em, { ...homeMembersOf(organizations), ...isFullAdministrator });

/** As `fullAdministratorsOf`, with the Owners. */
export const ownersAndFullAdministratorsOf = (em: EntityManager, organizations: Organizations): Promise<string[]> =>
  accountsOf(em, { ...homeMembersOf(organizations), ...answersForIt });

async function accountsOf(em: EntityManager, where: FilterQuery<Membership>): Promise<string[]> {
  const members = await em.find(Membership, where, { orderBy: { id: 'asc' } });
  return [...new Set(members.map(({ accountId }) => accountId))];
}

/** Members that these conditions choose, and with them everybody who counts for the last-one rules. */
export const readWithThoseWhoAnswer = (
  em: EntityManager,
  organizations: Organizations,
  ...chosen: FilterQuery<Membership>[]
): Promise<Membership[]> => em.find(Membership, withThoseWhoAnswer(organizations, chosen));

/** As `readWithThoseWhoAnswer`, locked in one order: two who remove each other at once leave one. */
export const lockWithThoseWhoAnswer = (
  em: EntityManager,
  organizations: Organizations,
  ...chosen: FilterQuery<Membership>[]
): Promise<Membership[]> =>
  em.find(Membership, withThoseWhoAnswer(organizations, chosen), {
    lockMode: LockMode.PESSIMISTIC_WRITE,
    orderBy: { id: 'asc' },
    refresh: true,
  });

const withThoseWhoAnswer = (organizations: Organizations, chosen: FilterQuery<Membership>[]): FilterQuery<Membership> =>
  // External members who hold such a role come along and count for nobody.
  ({
    organizationId: homeMembersOf(organizations).organizationId,
    removedAt: null,
    $or: [...chosen, ...answersForIt.$or],
  });
