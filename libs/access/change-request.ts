/** Domain 8: what changes who may decide, or how somebody signs in, is itself decided by somebody else. */
import { access } from './effective-access.ts';
import { hasProvisionedPartner, isActive, provisionedBy } from './relationship.ts';
import { matricesInForce, type Matrices } from './role-matrix.ts';
import type { AdministratorRole } from './roles.ts';
import { mayChangeAuthentication, mayChangePolicy } from './organization.ts';
import { everyRuling, refused, rulingOf } from './ruling.ts';
import { holdsAtHome, partnerMemberships } from './standing.ts';
import type { Ruling, Subject, TargetOrganization } from './subject.ts';

export const changeKinds = ['appointment', 'authentication', 'policy'] as const;
export type ChangeKind = (typeof changeKinds)[number];

/** The partners in whose name the subject may propose; a proposal names one where there are several. */
export const proposingPartners = (subject: Subject, target: TargetOrganization, now: Date): string[] =>
  partnerMemberships(subject, now)
    .map(({ organizationId }) => organizationId)
    .filter((partnerId) =>
      target.relationships.some((relationship) => relationship.partnerId === partnerId && isActive(relationship, now)),
    );

/** What of a proposal its right depends on; `partnerId`: in whose name, null for the organization's own people. */
export interface Proposal {
  kind: ChangeKind;
  partnerId: string | null;
  /** Whether it is about coming in by the sign-in of another organization. */
  foreignSignIn?: boolean;
}

/**
 * Who proposes what: whoever holds the right to the change today. Appointments and sign-in are proposed by the partner,
 * sign-in only while restricted administrator mode takes it from the customer; policy by the organization's own people.
 */
export function mayProposeChange(
  subject: Subject,
  target: TargetOrganization,
  { kind, partnerId, foreignSignIn }: Proposal,
  now: Date,
  matrices: Matrices = matricesInForce(),
): Ruling {
  if (kind === 'policy')
    return everyRuling(
      mayChangePolicy(subject, target, now),
      ...(foreignSignIn ? [() => mayChangeAuthentication(subject, target, now, matrices)] : []),
    );
  const code = kind === 'appointment' ? 'may_not_assign_administrator_roles' : 'may_not_change_login_methods';
  if (partnerId === null || !proposingPartners(subject, target, now).includes(partnerId)) return refused(code);
  if (kind === 'appointment')
    return rulingOf(access(subject, target, 'assign_administrator_roles', now, matrices), 'write', code);
  const isRestricted = target.restrictedMode && hasProvisionedPartner(target, now);
  if (!isRestricted || provisionedBy(target, partnerId, now) === null) return refused(code);
  return rulingOf(access(subject, target, 'organization.authentication', now, matrices), 'write', code);
}

/**
 * Whether giving these roles appoints somebody who decides for the customer, by somebody who does not
 * hold that office there: it would let the asking side make its own approver, be it by a lesser role of its own there.
 */
export const isAppointment = (
  subject: Subject,
  target: TargetOrganization,
  gained: readonly AdministratorRole[],
  now: Date,
): boolean =>
  target.kind === 'customer' &&
  gained.includes('full_administrator') &&
  !holdsAtHome(subject, target.id, 'full_administrator', now);

/** The durations that become longer: more time to decide in and more time to have access for are weaker terms. */
export const weakenedDurations = (
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number | undefined>>,
): string[] => Object.entries(after).flatMap(([name, seconds]) => ((seconds ?? 0) > (before[name] ?? 0) ? [name] : []));
