import type { ApprovalParties, Subject } from '#access';
import { loadStanding, type EntityManager, type Standing } from '#persistence';
import type { ApprovalFlow } from './flow.ts';

/** Everybody who could decide at this moment, oldest member first. */
export async function eligibleApprovers(
  em: EntityManager,
  flow: Pick<ApprovalFlow, 'mayDecide'>,
  parties: ApprovalParties,
  now: Date,
): Promise<Approver[]> {
  if (parties.organizationId === null) return [];
  const standing = await loadStanding(em, { administratorsOf: parties.organizationId });
  return approversIn(standing, flow, parties, now);
}

export interface Approver {
  id: string;
  displayName: string;
  email: string;
}

/** As `eligibleApprovers`, from standing that was loaded with the organization's administrators. */
export function approversIn(
  standing: Standing,
  flow: Pick<ApprovalFlow, 'mayDecide'>,
  parties: ApprovalParties,
  now: Date,
): Approver[] {
  const placeOf = (subject: Subject) =>
    subject.memberships.find(
      ({ organizationId, kind, administratorRoles }) =>
        organizationId === parties.organizationId &&
        kind === 'home' &&
        administratorRoles.includes('full_administrator'),
    )?.id ?? '';
  return [...standing.subjects.values()]
    .filter((subject) => placeOf(subject) !== '')
    .sort((one, other) => (placeOf(one) < placeOf(other) ? -1 : 1))
    .filter((subject) => flow.mayDecide({ inSession: subject, inAll: subject }, parties, now).allowed)
    .flatMap(({ accountId }) => standing.people.get(accountId) ?? [])
    .filter(({ isRemoved }) => !isRemoved);
}
