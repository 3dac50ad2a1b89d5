import { inviteSight, mayManageInvite } from '#access';
import { Refusal, type RefusalDetails } from '#contracts';
import { holdStanding, Invite } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { isInReach } from '../membership/in-reach.ts';
import { requireSightFor } from '../organization/sight.ts';
import { unconditionally, type Precondition } from '../precondition.ts';
import { refuseAct, type PrivilegedAct } from '../refuse-act.ts';
import { viewInvite } from './view.ts';

/** An invite locked for resending or cancelling, by somebody who may. */
export interface ManagedInvite {
  invite: Invite;
  by: string;
  now: Date;
}

/**
 * Whoever could make this very invite; of a first invite the support team, since there is nobody else yet. The actor's
 * standing is held first: memberships are locked before invites.
 */
export async function manageInvite(
  decision: Decision,
  organizationId: string,
  inviteId: string,
  verb: 'resent' | 'cancelled',
  precondition: Precondition = unconditionally,
): Promise<ManagedInvite> {
  const { em, actor } = decision;
  if (actor.id) await holdStanding(em, [actor.id], null);
  const act = actOn(verb, organizationId, inviteId);
  const before = await decision.now();
  const { subject, target } = await requireSightFor(act, em, actor, organizationId, inviteSight, before);
  const invite = await lockRow(em, Invite, { id: inviteId, organizationId });
  if (!invite || !isInReach(subject, target, invite, before))
    throw new Refusal(inviteSight(subject, target, before) === 'seen' ? 'not_found' : 'forbidden');
  const now = await decision.now();
  const ruling = mayManageInvite(subject, target, { ...contentsOf(invite), isFirst: isFirst(invite) }, now);
  if (!ruling.allowed) return refuseAct(act, ruling.code);
  await precondition(() => viewInvite(decision, invite));
  return { invite, by: ruling.by, now };
}

/** Everything the membership will have, as the rules look at it. */
export const contentsOf = ({ workspaceRole, administratorRoles, scope, appTray }: Invite) => ({
  workspaceRole: workspaceRole ?? null,
  administratorRoles,
  scope,
  appTray,
});

export const isFirst = (invite: Invite): boolean => invite.invitedById === null || invite.invitedById === undefined;

/** The state as it counts at this moment: an overdue invite is expired, whether or not anybody wrote it down. */
export function inviteStatusAt(invite: Invite, now: Date): Invite['status'] {
  const open = invite.status === 'pending' || invite.status === 'failed';
  return open && invite.expiresAt <= now ? 'expired' : invite.status;
}

/** `because`: the rule behind a code that tells less. */
export function refuseInvite(
  invite: Invite,
  verb: string,
  code: string,
  details: RefusalDetails = {},
  because?: string,
): never {
  const act = actOn(verb, invite.organizationId, invite.id);
  return refuseAct(because ? { ...act, because } : act, code, details);
}

const actOn = (verb: string, organizationId: string, inviteId: string): PrivilegedAct => ({
  action: `invite.${verb}`,
  organizationIds: [organizationId],
  subject: { kind: 'invite', id: inviteId },
});
