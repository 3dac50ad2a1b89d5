import { isEligibleElevationApprover, type ElevationParties } from '#access';
import { Account, loadSubjects, Membership, type EntityManager } from '#persistence';

/** Everybody who could approve at this moment, oldest member first. */
export async function eligibleApprovers(em: EntityManager, parties: ElevationParties, now: Date): Promise<Account[]> {
  const candidates = await em.find(
    Membership,
    {
      organizationId: parties.customerId,
      kind: 'home',
      removedAt: null,
      administratorRoles: { $contains: ['full_administrator'] },
    },
    { orderBy: { id: 'asc' } },
  );
  const subjects = await loadSubjects(
    em,
    candidates.map((candidate) => candidate.accountId),
  );
  const eligible = subjects
    .filter((subject) => isEligibleElevationApprover(subject, parties, now).allowed)
    .map((subject) => subject.accountId);
  const accounts = await em.find(Account, { id: { $in: eligible }, removedAt: null });
  return accounts.sort((left, right) => eligible.indexOf(left.id) - eligible.indexOf(right.id));
}
