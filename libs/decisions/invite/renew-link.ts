import { inviteToken, tokenDigest } from '#identity';
import type { Invite } from '#persistence';
import type { Decision } from '../decision.ts';

/** A new link for an open invite; the old one is void from now on, and the mails go out again. */
export async function renewLink(decision: Decision, invite: Invite): Promise<void> {
  invite.linkVersion += 1;
  invite.tokenDigest = tokenDigest(inviteToken(decision.settings.inviteKeys, invite.id, invite.linkVersion));
  invite.status = 'pending';
  invite.failure = null;
  invite.failedAt = null;
  invite.linkIssuedAt = await decision.now();
  await decision.nudge('invite', invite.id);
}
