/** Domain 8: what changes who may decide, the support team does by two named people. */
import { isAssured, type Proof } from './assurance.ts';
import { allowed, everyRuling, refused } from './ruling.ts';
import { holdsAtHome, holdsWorkspaceRoleAtHome, isSupport } from './standing.ts';
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

/** Any named person of the support team. The bootstrap token is nobody and decides nothing. */
function isOfSupport(subject: Subject, actor: { isPerson: boolean }, now: Date): Ruling {
  // Of the team, but by a password alone: the session does not open it, and a second factor would.
  const closed = { ...subject, memberships: subject.closedMemberships };
  if (!isSupport(subject, now)) return refused(isSupport(closed, now) ? 'step_up_required' : 'support_only');
  return actor.isPerson ? allowed('support') : refused('person_required');
}

/** Who proposes and who confirms: a person whom more than a password has just shown to be there. */
export interface SupportPerson {
  isPerson: boolean;
  proof: Proof | null;
}

export const mayProposeSupportAction = (subject: Subject, actor: SupportPerson, now: Date): Ruling =>
  everyRuling(isOfSupport(subject, actor, now), () =>
    actor.proof && isAssured(actor.proof, 'second_factor', now) ? allowed('support') : refused('step_up_required'),
  );

/** In hours: how long the Owners, who were mailed, have to object before one person may recover an organization alone. */
export const aloneAfterHours = 24;

export interface SupportProposal {
  proposedByAccountId: string;
  proposedAt: Date;
  /** It gives somebody back what they lost, and who decides stays who it was. */
  isRecovery: boolean;
}

/** Another person than the one who proposed it; a recovery also the same one, once the Owners had a day to object. */
export function mayConfirmSupportAction(
  subject: Subject,
  actor: SupportPerson,
  { proposedByAccountId, proposedAt, isRecovery }: SupportProposal,
  now: Date,
): Ruling {
  const ruling = mayProposeSupportAction(subject, actor, now);
  if (!ruling.allowed || subject.accountId !== proposedByAccountId) return ruling;
  const hadTheirDay = now.getTime() - proposedAt.getTime() >= aloneAfterHours * 3600_000;
  return isRecovery && hadTheirDay ? ruling : refused('second_person_required');
}

/** Saying no: nothing is done by it, so whoever answers for the organization may object, too. */
export function mayCancelSupportAction(
  subject: Subject,
  actor: { isPerson: boolean },
  organizationId: string,
  now: Date,
): Ruling {
  if (holdsWorkspaceRoleAtHome(subject, organizationId, 'owner', now)) return allowed('owner');
  if (holdsAtHome(subject, organizationId, 'full_administrator', now)) return allowed('full_administrator');
  return isOfSupport(subject, actor, now);
}
