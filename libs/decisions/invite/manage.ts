import { mayManageInvites, mayReissueFirstInvite, type Subject } from '#access';
import { Refusal, type RefusalDetails } from '#contracts';
import { holdStanding, Invite, loadTarget } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { refuseAct } from '../refuse-act.ts';
import { subjectOf } from '../subject-of.ts';

/** An invite locked for resending or cancelling, by somebody who may. */
export interface ManagedInvite {
  invite: Invite;
  subject: Subject;
  by: string;
  now: Date;
}

/** Whoever may invite there; of a first invite the support team, since there is nobody else yet. */
export async function manageInvite(
  decision: Decision,
  organizationId: string,
  inviteId: string,
  verb: 'resent' | 'cancelled',
): Promise<ManagedInvite> {
  const { em, actor } = decision;
  const invite = await lockInvite(decision, organizationId, inviteId);
  const target = await loadTarget(em, organizationId);
  if (!target) throw new Refusal('not_found');
  const now = await decision.now();
  const subject = await subjectOf(em, actor);
  const managing = mayManageInvites(subject, target, now);
  const reissuing = mayReissueFirstInvite(subject, now);
  const ruling = !managing.allowed && isFirst(invite) && reissuing.allowed ? reissuing : managing;
  if (!ruling.allowed) return refuseInvite(invite, verb, ruling.code);
  return { invite, subject, by: ruling.by, now };
}

/** The actor's standing is held first: memberships are locked before invites. */
export async function lockInvite({ em, actor }: Decision, organizationId: string, inviteId: string): Promise<Invite> {
  if (actor.id) await holdStanding(em, [actor.id], null);
  const invite = await lockRow(em, Invite, { id: inviteId, organizationId });
  if (!invite) throw new Refusal('not_found');
  return invite;
}

export const isFirst = (invite: Invite): boolean => invite.invitedById === null || invite.invitedById === undefined;

/** The state as it counts at this moment: an overdue invite is expired, whether or not anybody wrote it down. */
export function inviteStatusAt(invite: Invite, now: Date): Invite['status'] {
  const open = invite.status === 'pending' || invite.status === 'failed';
  return open && invite.expiresAt <= now ? 'expired' : invite.status;
}

export function refuseInvite(invite: Invite, verb: string, code: string, details: RefusalDetails = {}): never {
  return refuseAct(
    {
      action: `invite.${verb}`,
      organizationIds: [invite.organizationId],
      subject: { kind: 'invite', id: invite.id },
    },
    code,
    details,
  );
}
