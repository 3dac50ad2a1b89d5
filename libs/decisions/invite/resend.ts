import { policySeconds } from '#contracts';
import { Organization, type Invite } from '#persistence';
import type { Decision } from '../decision.ts';
import type { Precondition } from '../precondition.ts';
import { inviteStatusAt, isFirst, manageInvite, refuseInvite } from './manage.ts';
import { renewLink } from './renew-link.ts';

/**
 * A new link for an open or failed invite, with its full time again; the old one is void. Whoever sends it again could
 * have made it and stands behind it from now on: a first inviter who has left holds nobody up.
 */
export async function resendInvite(
  decision: Decision,
  organizationId: string,
  inviteId: string,
  precondition?: Precondition,
): Promise<Invite> {
  const { invite, by, now } = await manageInvite(decision, organizationId, inviteId, 'resent', precondition);
  const status = inviteStatusAt(invite, now);
  if (status !== 'pending' && status !== 'failed')
    return refuseInvite(invite, 'resent', 'invite_not_pending', { state: { status } });

  await sendAgain(decision, invite, by, now);
  return invite;
}

/** By whoever could have made it; the caller has judged that. */
export async function sendAgain(decision: Decision, invite: Invite, by: string, now: Date): Promise<void> {
  const { organizationId, status } = invite;
  const { policy } = await decision.em.findOneOrFail(Organization, { id: organizationId });
  invite.expiresAt = new Date(now.getTime() + policySeconds(policy, 'invitePendingSeconds') * 1000);
  invite.remindedAt = null;
  if (!isFirst(invite) && decision.actor.id !== null) invite.invitedById = decision.actor.id;
  await renewLink(decision, invite);
  decision.record({
    action: 'invite.resent',
    by,
    organizationIds: [organizationId],
    subject: { kind: 'invite', id: invite.id },
    facts: { repaired: status === 'failed', expiresAt: invite.expiresAt },
    at: now,
  });
}
