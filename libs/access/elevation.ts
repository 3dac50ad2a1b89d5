/** Domain 5: who may ask for elevated access, who decides, who ends it. */
import { matricesInForce, type Matrices } from './role-matrix.ts';
import { areas, type Area } from './settings.ts';
import { provisionedBy } from './relationships.ts';
import { allowed, refused } from './ruling.ts';
import { holdsAtHome, liveMembershipsIn, partnerMemberships, partnerRoleHeld } from './standing.ts';
import type { Ruling, Subject, TargetOrganization } from './subject.ts';

/** The partners in whose name the subject may ask; the request names one where there are several. */
export const elevationPartners = (subject: Subject, target: TargetOrganization, now: Date): string[] =>
  partnerMemberships(subject, now)
    .map(({ organizationId }) => organizationId)
    .filter((partnerId) => mayRequestElevation(subject, partnerId, target, now).allowed);

export function mayRequestElevation(
  subject: Subject,
  partnerId: string,
  target: TargetOrganization,
  now: Date,
): Ruling {
  const role = partnerRoleHeld(subject, partnerId, ['help_desk_advanced'], now);
  if (role === null) return refused('not_help_desk_advanced');
  return provisionedBy(target, partnerId, now) ? allowed(role) : refused('no_provisioned_relationship');
}

export interface ElevationParties {
  requesterAccountId: string;
  partnerId: string;
  customerId: string;
}

/** Who approves or denies: a home full administrator of the customer, independent of agent and partner. */
export function isEligibleElevationApprover(candidate: Subject, request: ElevationParties, now: Date): Ruling {
  if (candidate.accountId === request.requesterAccountId) return refused('approver_is_requester');
  if (!holdsAtHome(candidate, request.customerId, 'full_administrator', now))
    return refused('approver_not_full_administrator');
  if (liveMembershipsIn(candidate, request.partnerId, now).length > 0) return refused('approver_in_requesting_partner');
  return allowed('full_administrator');
}

/** Any home full administrator of the customer ends a grant, whoever approved it. */
export const mayRevokeElevation = (subject: Subject, { customerId }: { customerId: string }, now: Date): Ruling =>
  holdsAtHome(subject, customerId, 'full_administrator', now)
    ? allowed('full_administrator')
    : refused('not_full_administrator');

/** Only the agent gives a grant back. */
export const mayReturnElevation = (subject: Subject, { holderAccountId }: { holderAccountId: string }): Ruling =>
  subject.accountId === holderAccountId ? allowed('holder') : refused('not_your_request');

/** Only the agent withdraws a request. */
export const mayCancelElevation = (subject: Subject, { requesterAccountId }: { requesterAccountId: string }): Ruling =>
  subject.accountId === requesterAccountId ? allowed('requester') : refused('not_your_request');

const observers = {
  customer: ['full_administrator', 'read_only_administrator'],
  partner: ['full_administrator', 'read_only_administrator', 'partner_full_administrator'],
} as const;

/** Both sides see a request and its grant: the agent, and the administrators who answer for either organization. */
export function maySeeElevation(subject: Subject, request: ElevationParties, now: Date): Ruling {
  if (subject.accountId === request.requesterAccountId) return allowed('requester');
  const role =
    observers.customer.find((candidate) => holdsAtHome(subject, request.customerId, candidate, now)) ??
    observers.partner.find((candidate) => holdsAtHome(subject, request.partnerId, candidate, now));
  return role ? allowed(role) : refused('not_involved');
}

/** How long a grant lasts, in seconds: the least of what the agent asked for, the approver gave and policy allows. */
export const grantSeconds = ({
  requested,
  approved,
  policyMaximum,
}: {
  requested?: number | null;
  approved?: number | null;
  policyMaximum: number;
}): number => Math.min(requested ?? policyMaximum, approved ?? policyMaximum, policyMaximum);

/** The settings of a customer that a grant opens for writing: what the approver reads before deciding. */
export const settingsOpenedByElevation = (matrices: Matrices = matricesInForce()): Area[] => {
  const rows: Readonly<Record<string, { help_desk_advanced: { level: string } }>> = matrices.customer.rows;
  return areas.filter((area) => rows[area]?.help_desk_advanced.level === 'temporary');
};
