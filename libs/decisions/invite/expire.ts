import { Invite } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';

/** The clock's part: guarded, harmless to repeat. */
export async function expireInvite(decision: Decision, inviteId: string): Promise<void> {
  const invite = await lockRow(decision.em, Invite, { id: inviteId });
  const now = await decision.now();
  if (!invite || (invite.status !== 'pending' && invite.status !== 'failed') || invite.expiresAt > now) return;
  await closeExpiredInvite(decision, invite, now);
}

/** The row is locked, open and overdue. */
export async function closeExpiredInvite(decision: Decision, invite: Invite, now: Date): Promise<void> {
  invite.status = 'expired';
  invite.decidedAt = invite.expiresAt;
  decision.record({
    action: 'invite.expired',
    organizationIds: [invite.organizationId],
    subject: { kind: 'invite', id: invite.id },
    at: now,
  });
  await decision.nudge('invite', invite.id);
}
