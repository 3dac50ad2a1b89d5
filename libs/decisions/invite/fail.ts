import { Invite } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';

/** No mail of the invite's present link could be delivered: visible to those who manage invites, mended by a resend. */
export async function failInvite(
  decision: Decision,
  inviteId: string,
  linkVersion: number,
  failure: string,
): Promise<void> {
  const invite = await lockRow(decision.em, Invite, { id: inviteId });
  if (!invite || invite.status !== 'pending' || invite.linkVersion !== linkVersion) return;
  invite.status = 'failed';
  invite.failure = failure;
  const now = await decision.now();
  invite.failedAt = now;
  decision.record({
    action: 'invite.failed',
    organizationIds: [invite.organizationId],
    subject: { kind: 'invite', id: invite.id },
    facts: { failure },
    at: now,
  });
  await decision.nudge('invite', invite.id);
}
