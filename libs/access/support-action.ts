/** Domain 8: what changes who may decide, the support team does by two named people. */
import { isAssured, type Proof } from './assurance.ts';
import { allowed, everyRuling, refused } from './ruling.ts';
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

/** Saying no: any named person of the support team. The bootstrap token is nobody and decides nothing. */
export function mayCancelSupportAction(subject: Subject, actor: { isPerson: boolean }, now: Date): Ruling {
  if (!isSupport(subject, now)) return refused('support_only');
  return actor.isPerson ? allowed('support') : refused('person_required');
}

/** Who proposes and who confirms: a person whom more than a password has just shown to be there. */
export interface SupportPerson {
  isPerson: boolean;
  proof: Proof | null;
}

export const mayProposeSupportAction = (subject: Subject, actor: SupportPerson, now: Date): Ruling =>
  everyRuling(mayCancelSupportAction(subject, actor, now), () =>
    actor.proof && isAssured(actor.proof, 'second_factor', now) ? allowed('support') : refused('step_up_required'),
  );

export function mayConfirmSupportAction(
  subject: Subject,
  actor: SupportPerson,
  { proposedByAccountId }: { proposedByAccountId: string },
  now: Date,
): Ruling {
  const ruling = mayProposeSupportAction(subject, actor, now);
  return ruling.allowed && subject.accountId === proposedByAccountId ? refused('second_person_required') : ruling;
}
