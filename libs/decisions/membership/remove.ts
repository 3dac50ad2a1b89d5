import { mayChangeWorkspaceRole, mayRemoveMember, type Ruling } from '#access';
import { Refusal } from '#contracts';
import { loadTarget, type Membership } from '#persistence';
import { endWhatNoLongerHolds } from '../cascade.ts';
import type { Decision } from '../decision.ts';
import { endExternalAccess } from '../external-administrator/end-access.ts';
import { refuseAct } from '../refuse-act.ts';
import { subjectOf } from '../subject-of.ts';
import { openMember } from './open-member.ts';
import { tellMember } from './tell-member.ts';

/** Takes the workspace role away; the person stays a member with what administrator roles they have. */
export async function removeWorkspaceRole(
  decision: Decision,
  organizationId: string,
  memberId: string,
  reason?: string,
): Promise<Membership> {
  const { em, actor } = decision;
  const { member, membership } = await openMember(decision, organizationId, memberId);
  const target = await loadTarget(em, organizationId);
  if (!target) throw new Refusal('not_found');
  const from = membership.workspaceRole ?? null;
  if (from === null) return membership;
  const now = await decision.now();
  const change = { to: null, scope: member.scope, reason };
  const ruling = mayChangeWorkspaceRole(await subjectOf(em, actor), target, member, change, now);
  const by = permitted(ruling, 'membership.workspace-role-changed', organizationId, memberId);

  membership.workspaceRole = null;
  // What hangs on the role goes with it, else the next role would bring back what nobody gave it.
  membership.decryptLogs = false;
  membership.appTray = { botBuilder: [], applications: [] };
  membership.scope = { kind: 'client' };
  const event = decision.record({
    action: 'membership.workspace-role-changed',
    by,
    organizationIds: [organizationId],
    subject: { kind: 'membership', id: memberId },
    facts: { accountId: membership.accountId, from, to: null },
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
): Promise<void> {
  const { em, actor } = decision;
  const { member, membership } = await openMember(decision, organizationId, memberId);
  const target = await loadTarget(em, organizationId);
  if (!target) throw new Refusal('not_found');
  const now = await decision.now();
  const ruling = mayRemoveMember(await subjectOf(em, actor), target, member, { reason }, now);
  const by = permitted(ruling, 'membership.removed', organizationId, memberId);

  // An external administrator goes with what stood on the approval: assignments, and a relationship of nobody else's.
  if (membership.kind === 'external') return endExternalAccess(decision, membership, { how: 'revoked', now, by });

  membership.removedAt = now;
  const event = decision.record({
    action: 'membership.removed',
    by,
    organizationIds: [organizationId],
    subject: { kind: 'membership', id: memberId },
    facts: {
      accountId: membership.accountId,
      workspaceRole: membership.workspaceRole ?? null,
      administratorRoles: membership.administratorRoles,
    },
    personal: { reason },
    at: now,
  });
  await tellMember(decision, event, membership.accountId);
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
  );
}
