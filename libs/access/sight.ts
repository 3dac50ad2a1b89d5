/** What is there for whom: asked before any right, so that acts and reads agree on what they do not tell. */
import { listedCustomers } from './administrators.ts';
import { seesAsDecidingSide } from './approval.ts';
import { mayManageInvites } from './invite.ts';
import { provisionedBy } from './relationship.ts';
import { matricesInForce, type Matrices } from './role-matrix.ts';
import { readsPeople, somewhereIn } from './scope.ts';
import { isSupport, liveMembershipsIn } from './standing.ts';
import type { Membership, Subject, TargetOrganization } from './subject.ts';

/** `hidden` is answered as if it did not exist; `barred` knows that it is there and may not look. */
export type Sight = 'seen' | 'barred' | 'hidden';

/** No roles, no access: such a membership is a name on a list. */
export const hasRole = ({ workspaceRole, administratorRoles }: Membership): boolean =>
  workspaceRole !== null || administratorRoles.length > 0;

/**
 * The organization itself: its own people by any role, a partner's people by the list of customers their roles open,
 * the support team. A relationship alone shows neither side to the other's people.
 */
export function organizationSight(
  subject: Subject,
  target: TargetOrganization,
  now: Date,
  matrices: Matrices = matricesInForce(),
): Sight {
  const own = liveMembershipsIn(subject, target.id, now);
  if (isSupport(subject, now) || own.some(hasRole)) return 'seen';
  const listed = target.relationships.some(({ partnerId }) => {
    if (provisionedBy(target, partnerId, now) === null) return false;
    const list = listedCustomers(subject, partnerId, now, matrices);
    return list.scope === 'all' || (list.scope === 'some' && list.customerIds.includes(target.id));
  });
  if (listed) return 'seen';
  return own.length > 0 ? 'barred' : 'hidden';
}

/**
 * Whether somebody is told that there is such an organization: its own people, whoever sees it by their roles, and the
 * people of a customer whose partner it is or was (`customerIds`).
 */
export function knowsOf(
  subject: Subject,
  target: TargetOrganization,
  customerIds: readonly string[],
  now: Date,
  matrices: Matrices = matricesInForce(),
): boolean {
  const own = new Set(subject.memberships.map(({ organizationId }) => organizationId));
  if (own.has(target.id) || customerIds.some((id) => own.has(id))) return true;
  return organizationSight(subject, target, now, matrices) !== 'hidden';
}

/**
 * Members, groups, teams and aliases, as far as `peopleReach` goes; the support team sees who is Owner, since only it
 * changes Owners.
 */
export function peopleSight(
  subject: Subject,
  target: TargetOrganization,
  now: Date,
  matrices: Matrices = matricesInForce(),
): Sight {
  if (isSupport(subject, now)) return 'seen';
  if (readsPeople(somewhereIn(subject, target.id), target, now, matrices)) return 'seen';
  return liveMembershipsIn(subject, target.id, now).length > 0 ? 'barred' : 'hidden';
}

/** Whoever sees the people sees who is to become one, and so does whoever may invite them. */
export function inviteSight(
  subject: Subject,
  target: TargetOrganization,
  now: Date,
  matrices: Matrices = matricesInForce(),
): Sight {
  const sight = peopleSight(subject, target, now, matrices);
  return sight !== 'seen' && mayManageInvites(subject, target, now, matrices).allowed ? 'seen' : sight;
}

/** Who has access and who asked for it: whoever sees all of it, so that nobody takes what is kept from them for nothing. */
export function accessSight(subject: Subject, target: TargetOrganization, now: Date): Sight {
  if (seesAsDecidingSide(subject, { organizationId: target.id }, now)) return 'seen';
  return liveMembershipsIn(subject, target.id, now).length > 0 ? 'barred' : 'hidden';
}
