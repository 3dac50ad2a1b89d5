import type { ApprovalParties } from '#access';
import { Account, loadSubjects, Membership, type EntityManager } from '#persistence';
import type { ApprovalFlow } from './flow.ts';

/** Ids of an organization's home full administrators, oldest member first. */
export async function fullAdministratorsOf(em: EntityManager, organizationId: string): Promise<string[]> {
  const members = await em.find(
    Membership,
    { organizationId, kind: 'home', removedAt: null, administratorRoles: { $contains: ['full_administrator'] } },
    { orderBy: { id: 'asc' } },
  );
  return members.map(({ accountId }) => accountId);
}

/** Everybody who could decide at this moment, oldest member first. */
export async function eligibleApprovers(
  em: EntityManager,
  flow: Pick<ApprovalFlow, 'mayDecide'>,
  parties: ApprovalParties,
  now: Date,
): Promise<Account[]> {
  if (parties.organizationId === null) return [];
  const subjects = await loadSubjects(em, await fullAdministratorsOf(em, parties.organizationId));
  const eligible = subjects
    .filter((subject) => flow.mayDecide({ inSession: subject, inAll: subject }, parties, now).allowed)
    .map(({ accountId }) => accountId);
  const accounts = await em.find(Account, { id: { $in: eligible }, removedAt: null });
  return accounts.sort((left, right) => eligible.indexOf(left.id) - eligible.indexOf(right.id));
}
