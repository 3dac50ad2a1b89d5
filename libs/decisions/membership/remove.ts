import { mayChangeWorkspaceRole, mayLeave, mayRemoveMember, type Ruling } from '#access';
import { Refusal } from '#contracts';
import type { Principal } from '#identity';
import { Membership } from '#persistence';
import { endWhatNoLongerHolds } from '../cascade.ts';
import type { Decision } from '../decision.ts';
import { endExternalAccess } from '../external-administrator/end-access.ts';
import { unconditionally, type Precondition } from '../precondition.ts';
import { refuseAct } from '../refuse-act.ts';
import { lockWithThoseWhoAnswer } from './administrators.ts';
import { endAppointments } from './appoint.ts';
import { deactivateScimUser } from '../scim/deactivate.ts';
import { endSessionsAt } from '../session/end-sessions-at.ts';
import { describeTarget, openMember } from './open-member.ts';
import { presentState } from './present-state.ts';
import { forgetWhatCameWith } from './forget-what-came-with.ts';
import { tellMember } from './tell-member.ts';
import { viewMember } from './view.ts';
import { toldOfMembership } from '../standing-told.ts';

/** Takes the workspace role away; the person stays a member with what administrator roles they have. */
export async function removeWorkspaceRole(
  decision: Decision,
  organizationId: string,
  memberId: string,
  reason?: string,
  precondition: Precondition = unconditionally,
): Promise<Membership> {
  const action = 'membership.workspace-role-changed';
  const { member, membership, subject, target, now } = await openMember(decision, organizationId, memberId, action);
  const change = { to: null, scope: member.scope, reason, isCountersigned: decision.isCountersigned };
  const ruling = mayChangeWorkspaceRole(subject, target, member, change, now);
  const by = permitted(ruling, action, organizationId, memberId);
  await precondition(() => viewMember(decision, membership));
  const from = membership.workspaceRole ?? null;
  if (from === null) return membership;

  membership.workspaceRole = null;
  // What hangs on the role goes with it, else the next role would bring back what nobody gave it.
  membership.decryptLogs = false;
  membership.appTray = { botBuilder: [], applications: [] };
  membership.scope = { kind: 'client' };
  const event = decision.record({
    action,
    by,
    organizationIds: [organizationId],
    subject: { kind: 'membership', id: memberId },
    facts: { accountId: membership.accountId, from, to: null },
    standing: { memberships: [toldOfMembership(membership)] },
    personal: { reason },
    at: now,
  });
  await tellMember(decision, event, membership.accountId);
  return membership;
}

/** Ends a membership; what stood on it (grants, sessions, open requests) ends in the same transaction. */
export async function removeMember(
  decision: Decision,
  organizationId: string,
  memberId: string,
  reason?: string,
  precondition: Precondition = unconditionally,
): Promise<void> {
  const action = 'membership.removed';
  const { member, membership, subject, target, now } = await openMember(decision, organizationId, memberId, action);
  const ruling = mayRemoveMember(subject, target, member, { reason, isCountersigned: decision.isCountersigned }, now);
  const by = permitted(ruling, action, organizationId, memberId);
  await precondition(() => viewMember(decision, membership));

  await endMembership(decision, membership, { by, now, reason });
}

/**
 * A person leaves, by any session of their own: a password is theirs, whatever the organization allows. A session that
 * one organization's provider made leaves what it opens and nothing else.
 */
export async function leaveOrganization(
  decision: Decision,
  { accountId, method, openOrganizationIds }: Principal & { kind: 'account' },
  memberId: string,
): Promise<void> {
  const { em } = decision;
  const own = await em.findOne(Membership, { id: memberId, accountId, removedAt: null });
  if (!own || (method === 'sso' && !openOrganizationIds.includes(own.organizationId))) throw new Refusal('not_found');
  const { organizationId } = own;
  const locked = await lockWithThoseWhoAnswer(em, organizationId, { id: memberId });
  const membership = locked.find(({ id }) => id === memberId);
  if (!membership) throw new Refusal('not_found');
  const by = permitted(
    mayLeave(await describeTarget(em, membership, locked)),
    'membership.removed',
    organizationId,
    memberId,
  );
  await endMembership(decision, membership, { by, now: await decision.now() });
}

/** What ends with a membership, whoever ended it: the caller has judged the right and holds the row. */
export async function endMembership(
  decision: Decision,
  membership: Membership,
  { by, now, reason }: { by: string; now: Date; reason?: string | undefined },
): Promise<void> {
  const { organizationId } = membership;
  // An external administrator goes with what stood on the approval: assignments, and a relationship of nobody else's.
  if (membership.kind === 'external') {
    const how = by === 'self' ? 'ended' : 'revoked';
    return endExternalAccess(decision, membership, { how, now, by, ...(by === 'self' && { cause: 'left' }) });
  }

  membership.removedAt = now;
  await endSessionsAt(decision.em, { accountId: membership.accountId, organizationId, now });
  const event = decision.record({
    action: 'membership.removed',
    by,
    organizationIds: [organizationId],
    subject: { kind: 'membership', id: membership.id },
    facts: {
      accountId: membership.accountId,
      workspaceRole: membership.workspaceRole ?? null,
      administratorRoles: membership.administratorRoles,
    },
    standing: { memberships: [{ id: membership.id, endedAt: now }] },
    personal: { reason },
    at: now,
  });
  await tellMember(decision, event, membership.accountId);
  await endAppointments(decision, membership, membership.administratorRoles, now);
  await forgetWhatCameWith(decision, membership, now);
  await deactivateScimUser(decision.em, membership);
  await endWhatNoLongerHolds(
    decision,
    { accountId: membership.accountId, partnerId: organizationId },
    'membership_removed',
  );
}

function permitted(ruling: Ruling, action: string, organizationId: string, memberId: string): string {
  if (ruling.allowed) return ruling.by;
  return refuseAct(
    { action, organizationIds: [organizationId], subject: { kind: 'membership', id: memberId } },
    ruling.code,
    presentState(ruling.code),
  );
}
