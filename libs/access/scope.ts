/** Domain 1: a workspace role is for the whole tenant, or for groups and teams and nothing beside them. */
import { access, permits } from './effective-access.ts';
import { matricesInForce, type Matrices } from './role-matrix.ts';
import { liveMembershipsIn } from './standing.ts';
import type { Membership, Scope, Subject, TargetOrganization } from './subject.ts';

export const wholeTenant: Scope = { kind: 'client' };

/** Whether what is in `inner` is all within `outer`. */
export const covers = (outer: Scope, inner: Scope): boolean =>
  outer.kind === 'client' ||
  (inner.kind === 'groups' &&
    inner.groupIds.every((id) => outer.groupIds.includes(id)) &&
    inner.teamIds.every((id) => outer.teamIds.includes(id)));

/** Whether somebody with the one scope has to do with somebody with the other. */
export const overlaps = (one: Scope, other: Scope): boolean =>
  one.kind === 'client' ||
  (other.kind === 'groups' &&
    (one.groupIds.some((id) => other.groupIds.includes(id)) || one.teamIds.some((id) => other.teamIds.includes(id))));

const lift = (subject: Subject, isLifted: (membership: Membership) => boolean): Subject => ({
  ...subject,
  memberships: subject.memberships.map((one) => (isLifted(one) ? { ...one, scope: wholeTenant } : one)),
  ...(subject.onBehalfOf && { onBehalfOf: lift(subject.onBehalfOf, isLifted) }),
});

/**
 * The subject as they are within these scopes: a role that covers all of them counts there as it does elsewhere for the
 * whole tenant; any other one gives nothing.
 */
export const within = (subject: Subject, organizationId: string, ...scopes: readonly Scope[]): Subject =>
  lift(subject, (one) => one.organizationId === organizationId && scopes.every((scope) => covers(one.scope, scope)));

/** The subject as they are somewhere in the organization: for questions about what there is to do at all. */
export const somewhereIn = (subject: Subject, organizationId: string): Subject =>
  lift(subject, (one) => one.organizationId === organizationId);

/** Any of these opens the list of an organization's people. */
const readingRights = [
  ['workspace.read', 'use'],
  ['users_and_licences', 'read'],
  ['assign_administrator_roles', 'read'],
  ['partner.assign_administrator_roles', 'read'],
] as const;

export const readsPeople = (
  subject: Subject,
  target: TargetOrganization,
  now: Date,
  matrices: Matrices = matricesInForce(),
): boolean =>
  readingRights.some(([setting, action]) => permits(access(subject, target, setting, now, matrices), action));

/** Of whom the subject learns who sees people there: everybody, or who is in their groups and teams. */
export function peopleReach(
  subject: Subject,
  target: TargetOrganization,
  now: Date,
  matrices: Matrices = matricesInForce(),
): Scope {
  if (readsPeople(subject, target, now, matrices)) return wholeTenant;
  const own = liveMembershipsIn(subject, target.id, now).flatMap(({ scope }) =>
    scope.kind === 'groups' ? [scope] : [],
  );
  if (own.length === 0) return wholeTenant;
  return {
    kind: 'groups',
    groupIds: own.flatMap(({ groupIds }) => groupIds),
    teamIds: own.flatMap(({ teamIds }) => teamIds),
  };
}
