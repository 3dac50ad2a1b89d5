/** Domain 8: what changes who may decide, the support team does by two named people. */
import { allowed, refused } from './ruling.ts';
import { isSupport } from './standing.ts';
import type { Ruling, Subject } from './subject.ts';
import type { Transitions } from './transitions.ts';

export const supportActionStatuses = ['pending', 'confirmed', 'cancelled', 'expired'] as const;
export type SupportActionStatus = (typeof supportActionStatuses)[number];

export const supportActionTransitions: Transitions<SupportActionStatus> = {
  pending: ['confirmed', 'cancelled', 'expired'],
  confirmed: [],
  cancelled: [],
  expired: [],
};

/** The bootstrap token is nobody: whoever acts by it proposes and confirms nothing. */
export function mayProposeSupportAction(subject: Subject, actor: { isPerson: boolean }, now: Date): Ruling {
  if (!isSupport(subject, now)) return refused('support_only');
  return actor.isPerson ? allowed('support') : refused('person_required');
}

export function mayConfirmSupportAction(
  subject: Subject,
  actor: { isPerson: boolean },
  { proposedByAccountId }: { proposedByAccountId: string },
  now: Date,
): Ruling {
  const ruling = mayProposeSupportAction(subject, actor, now);
  return ruling.allowed && subject.accountId === proposedByAccountId ? refused('second_person_required') : ruling;
}
