/** Temporary access, once it was given: its states, and who ends it before its time. */
import { allowed, refused } from './ruling.ts';
import { holdsAtHome } from './standing.ts';
import type { Ruling, Subject } from './subject.ts';
import type { Transitions } from './transitions.ts';

export const grantStatuses = ['active', 'expired', 'revoked', 'returned', 'superseded', 'ended'] as const;
export type GrantStatus = (typeof grantStatuses)[number];

/** `superseded`: an extension took its place; `ended`: role, membership or relationship went. */
export const grantTransitions: Transitions<GrantStatus> = {
  active: ['expired', 'revoked', 'returned', 'superseded', 'ended'],
  expired: [],
  revoked: [],
  returned: [],
  superseded: [],
  ended: [],
};

/** Any home full administrator of the organization ends a grant, whoever approved it. */
export const mayRevokeGrant = (
  subject: Subject,
  { organizationId }: { organizationId: string | null },
  now: Date,
): Ruling =>
  organizationId !== null && holdsAtHome(subject, organizationId, 'full_administrator', now)
    ? allowed('full_administrator')
    : refused('not_full_administrator');

/** Only the holder gives a grant back. */
export const mayReturnGrant = (subject: Subject, { holderId }: { holderId: string }): Ruling =>
  subject.accountId === holderId ? allowed('holder') : refused('not_your_request');
