import type { Invite } from '#persistence';
import type { Decision } from '../decision.ts';
import { tellMember } from '../membership/tell-member.ts';
import type { Precondition } from '../precondition.ts';
import { inviteStatusAt, manageInvite, refuseInvite } from './manage.ts';

/** Withdraws an open invite; its link answers that it was. Doing it twice is doing it once. */
export async function cancelInvite(
  decision: Decision,
  organizationId: string,
  inviteId: string,
  precondition?: Precondition,
): Promise<Invite> {
  const { invite, by, now } = await manageInvite(decision, organizationId, inviteId, 'cancelled', precondition);
  const status = inviteStatusAt(invite, now);
  if (status === 'cancelled') return invite;
  if (status !== 'pending' && status !== 'failed')
    return refuseInvite(invite, 'cancelled', 'invite_not_pending', { state: { status } });
  await closeInvite(decision, invite, { by, now });
  return invite;
}

/** The row is locked and open. `cause` tells why, where nobody asked for it. */
export async function closeInvite(
  decision: Decision,
  invite: Invite,
  { by, cause, now }: { by?: string; cause?: 'already_member' | 'account_removed' | 'relationship_ended'; now: Date },
): Promise<void> {
  invite.status = 'cancelled';
  invite.decidedAt = now;
  const event = decision.record({
    action: 'invite.cancelled',
    by,
    organizationIds: [invite.organizationId],
    subject: { kind: 'invite', id: invite.id },
    ...(cause && { facts: { cause } }),
    at: now,
  });
  if (cause === 'relationship_ended') await tellMember(decision, event, null);
  await decision.nudge('invite', invite.id);
}
