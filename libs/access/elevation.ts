/** Domain 5: who may ask for elevated access, and what an approval gives. */
import { matricesInForce, type Matrices } from './role-matrix.ts';
import { areas, type Area } from './settings.ts';
import { provisionedBy } from './relationship.ts';
import { allowed, refused } from './ruling.ts';
import { partnerMemberships, partnerRoleHeld } from './standing.ts';
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

/** How long a grant lasts, in seconds: the least of what the requester asked for, the approver gave and policy allows. */
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
