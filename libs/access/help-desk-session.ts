/** Domain 4b: help desk reads a customer only within a session, opened with a reason and granted at once. */
import { provisionedBy } from './relationship.ts';
import { helpDeskRoles } from './roles.ts';
import { allowed, refused } from './ruling.ts';
import { partnerMemberships, partnerRoleHeld } from './standing.ts';
import type { Ruling, Subject, TargetOrganization } from './subject.ts';
import type { Transitions } from './transitions.ts';

export const helpDeskSessionStatuses = ['active', 'expired', 'revoked', 'returned', 'ended'] as const;
export type HelpDeskSessionStatus = (typeof helpDeskSessionStatuses)[number];

export const helpDeskSessionTransitions: Transitions<HelpDeskSessionStatus> = {
  active: ['expired', 'revoked', 'returned', 'ended'],
  expired: [],
  revoked: [],
  returned: [],
  ended: [],
};

export function mayOpenHelpDeskSession(
  subject: Subject,
  partnerId: string,
  target: TargetOrganization,
  now: Date,
): Ruling {
  const role = partnerRoleHeld(subject, partnerId, helpDeskRoles, now);
  if (role === null) return refused('not_help_desk');
  return provisionedBy(target, partnerId, now) ? allowed(role) : refused('no_provisioned_relationship');
}

/** The partners in whose name the subject may open a session; it names one where there are several. */
export const helpDeskSessionPartners = (subject: Subject, target: TargetOrganization, now: Date): string[] =>
  partnerMemberships(subject, now)
    .map(({ organizationId }) => organizationId)
    .filter((partnerId) => mayOpenHelpDeskSession(subject, partnerId, target, now).allowed);
