/** Access that must be renewed: how long it lasts, who is told when, and who renews it. */
import { mayDecide } from './approval.ts';
import type { Ruling, Subject } from './subject.ts';

const day = 24 * 3600 * 1000;

/** The longest term there is: nothing lasts for longer unless somebody who may decide says so again. */
export const longestTermDays = 400;

/** So many days before the end both sides are told. */
export const termNotices = [31, 7, 1] as const;

export const termEnd = (from: Date, days: number): Date => new Date(from.getTime() + days * day);

/** The notice that is due: the latest one whose time has come, unless it or a later one was given. */
export function dueNotice(endsAt: Date, given: number | null, now: Date): number | null {
  const left = endsAt.getTime() - now.getTime();
  if (left <= 0) return null;
  const due = termNotices.filter((days) => left <= days * day).at(-1);
  return due !== undefined && (given === null || due < given) ? due : null;
}

export type TermState = 'active' | 'expiring' | 'ended';

export const termStateAt = (activeUntil: Date | null, now: Date): TermState =>
  activeUntil === null || termEnd(now, termNotices[0]) < activeUntil
    ? 'active'
    : activeUntil > now
      ? 'expiring'
      : 'ended';

/**
 * Whoever renews says yes to the partner once more: a home full administrator of the customer who is independent of it.
 * The partner's own people are not, whatever they hold.
 */
export const mayRenewRelationship = (
  candidate: { inSession: Subject; inAll: Subject },
  { partnerId, customerId }: { partnerId: string; customerId: string },
  now: Date,
): Ruling => mayDecide(candidate, { requesterId: '', partnerId, organizationId: customerId }, now);

/** The latest end that a renewal may set. */
export const latestTermEnd = (policyDays: number | null, now: Date): Date =>
  termEnd(now, policyDays ?? longestTermDays);
