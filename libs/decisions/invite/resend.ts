import { mayInvite } from '#access';
import { policySeconds } from '#contracts';
import { loadTarget, Organization, type Invite } from '#persistence';
import type { Decision } from '../decision.ts';
import { inviteStatusAt, isFirst, manageInvite, refuseInvite, type ManagedInvite } from './manage.ts';
import { renewLink } from './renew-link.ts';

/**
 * A new link for an open or failed invite, with its full time again; the old one is void. Whoever could have made this
 * very invite stands behind it from now on: a first inviter who has left holds nobody up.
 */
export async function resendInvite(decision: Decision, organizationId: string, inviteId: string): Promise<Invite> {
  const managed = await manageInvite(decision, organizationId, inviteId, 'resent');
  const { invite, by, now } = managed;
  const status = inviteStatusAt(invite, now);
  if (status !== 'pending' && status !== 'failed')
    return refuseInvite(invite, 'resent', 'invite_not_pending', { state: { status } });

  const { policy } = await decision.em.findOneOrFail(Organization, { id: organizationId });
  invite.expiresAt = new Date(now.getTime() + policySeconds(policy, 'invitePendingSeconds') * 1000);
  invite.remindedAt = null;
  if (!isFirst(invite) && (await couldInvite(decision, managed))) invite.invitedById = decision.actor.id;
  await renewLink(decision, invite);
  decision.record({
    action: 'invite.resent',
    by,
    organizationIds: [organizationId],
    subject: { kind: 'invite', id: invite.id },
    facts: { repaired: status === 'failed', expiresAt: invite.expiresAt },
    at: now,
  });
  return invite;
}

async function couldInvite({ em, actor }: Decision, { invite, subject, now }: ManagedInvite): Promise<boolean> {
  const target = actor.id === null ? null : await loadTarget(em, invite.organizationId);
  if (!target) return false;
  const { administratorRoles, scope, appTray } = invite;
  const contents = { workspaceRole: invite.workspaceRole ?? null, administratorRoles, scope, appTray };
  return mayInvite(subject, target, contents, now).allowed;
}
