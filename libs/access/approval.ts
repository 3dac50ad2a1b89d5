/** What every approval shares: whose case it is, who sees it, who decides it, who withdraws it. */
import { mayApproveFor, mayDenyFor, type ApprovalParties } from './independence.ts';
import { allowed, everyRuling, refused } from './ruling.ts';
import { holdsAtHome } from './standing.ts';
import type { Ruling, Subject } from './subject.ts';
import type { Transitions } from './transitions.ts';

export type { ApprovalParties };

export const approvalStatuses = ['pending', 'approved', 'denied', 'cancelled', 'expired'] as const;
export type ApprovalStatus = (typeof approvalStatuses)[number];

/** Decided once, by people or by time. */
export const approvalTransitions: Transitions<ApprovalStatus> = {
  pending: ['approved', 'denied', 'cancelled', 'expired'],
  approved: [],
  denied: [],
  cancelled: [],
  expired: [],
};

/** Who approves: a home full administrator of the organization, independent of requester and partner. */
export const isEligibleApprover = (candidate: Subject, parties: ApprovalParties, now: Date): Ruling =>
  mayApproveFor(candidate, parties, now);

/**
 * Whether this person decides: by what their session opens, and by all they belong to. Somebody who signed in past the
 * partner's own sign-in is a member of the asking partner all the same.
 */
export const mayDecide = (
  { inSession, inAll }: { inSession: Subject; inAll: Subject },
  parties: ApprovalParties,
  now: Date,
): Ruling => everyRuling(isEligibleApprover(inSession, parties, now), () => isEligibleApprover(inAll, parties, now));

/** As `mayDecide`, for a no: who says it need not be confirmed. */
export const mayDeny = (
  { inSession, inAll }: { inSession: Subject; inAll: Subject },
  parties: ApprovalParties,
  now: Date,
): Ruling => everyRuling(mayDenyFor(inSession, parties, now), () => mayDenyFor(inAll, parties, now));

/** Only who asked withdraws. */
export const mayWithdraw = (subject: Subject, { requesterId }: Pick<ApprovalParties, 'requesterId'>): Ruling =>
  subject.accountId === requesterId ? allowed('requester') : refused('not_your_request');

const observers = {
  deciding: ['full_administrator', 'read_only_administrator'],
  asking: ['full_administrator', 'read_only_administrator', 'partner_full_administrator'],
} as const;

/**
 * Whose eyes somebody looks with. A key that is handed out for reading sees by that what the person it answers to sees at
 * this moment, in the organization it is of and nowhere else; roles are for what it changes.
 */
export function asObserver(subject: Subject): Subject {
  const { onBehalfOf: person, memberships } = subject;
  if (!person) return subject;
  const own = new Set(memberships.map(({ organizationId }) => organizationId));
  return { ...person, memberships: person.memberships.filter(({ organizationId }) => own.has(organizationId)) };
}

/** The side that decides reads who asks; to it nothing of its own organization is hidden. */
export const seesAsDecidingSide = (
  subject: Subject,
  { organizationId }: Pick<ApprovalParties, 'organizationId'>,
  now: Date,
): boolean =>
  organizationId !== null &&
  observers.deciding.some((role) => holdsAtHome(asObserver(subject), organizationId, role, now));

/**
 * Both sides see a request and what became of it: who asks, and the administrators who answer for either organization.
 * The requester's other colleagues do not, and external administrators do not either.
 */
export function maySeeRequest(subject: Subject, parties: ApprovalParties, now: Date): Ruling {
  const { requesterId, partnerId, organizationId } = parties;
  if (subject.accountId === requesterId) return allowed('requester');
  const observer = asObserver(subject);
  const role =
    observers.deciding.find((candidate) => organizationId && holdsAtHome(observer, organizationId, candidate, now)) ??
    observers.asking.find((candidate) => partnerId && holdsAtHome(observer, partnerId, candidate, now));
  return role ? allowed(role) : refused('not_involved');
}
