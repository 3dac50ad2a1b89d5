import {
  mayAssignApplications,
  mayAssignBotBuilder,
  mayChangeLogDecryption,
  mayChangeScope,
  mayChangeWorkspaceRole,
  type Ruling,
  type Subject,
  type TargetMember,
  type TargetOrganization,
} from '#access';
import { Refusal, type UpdateMember } from '#contracts';
import { loadTarget, type Membership } from '#persistence';
import type { Decision } from '../decision.ts';
import { requireGroups } from '../group/require-groups.ts';
import { refuseAct } from '../refuse-act.ts';
import { subjectOf } from '../subject-of.ts';
import { openMember } from './open-member.ts';
import { tellMember } from './tell-member.ts';

interface Circumstances {
  subject: Subject;
  target: TargetOrganization;
  member: TargetMember;
  membership: Membership;
  input: UpdateMember;
  now: Date;
}

/** One thing that a request may change about a teammate; null where it changes nothing. */
type Part = (of: Circumstances) => null | {
  action: string;
  ruling: Ruling;
  facts: Record<string, unknown>;
  apply: () => void;
};

const same = (left: unknown, right: unknown) => JSON.stringify(left) === JSON.stringify(right);

/** Each part of a change with the rule that judges it; together they are done or refused. */
const parts: readonly Part[] = [
  ({ subject, target, member, membership, input, now }) => {
    const from = membership.workspaceRole ?? null;
    const { workspaceRole: to, reason } = input;
    if (to === undefined || to === from) return null;
    return {
      action: 'membership.workspace-role-changed',
      ruling: mayChangeWorkspaceRole(subject, target, member, { to, scope: input.scope ?? member.scope, reason }, now),
      facts: { from, to },
      apply: () => (membership.workspaceRole = to),
    };
  },
  ({ subject, target, member, membership, input, now }) => {
    const { scope, workspaceRole: to } = input;
    if (!scope || same(scope, membership.scope)) return null;
    const workspaceRole = to ?? member.membership.workspaceRole;
    // Raising to Owner is for the whole tenant: the scope belongs to the role that was judged above.
    const raised = workspaceRole === 'owner' && member.membership.workspaceRole !== 'owner' && scope.kind === 'client';
    const after = { ...member, membership: { ...member.membership, workspaceRole } };
    return {
      action: 'membership.scope-changed',
      ruling: raised ? { allowed: true, by: 'owner' } : mayChangeScope(subject, target, after, scope, now),
      facts: { from: membership.scope, to: scope },
      apply: () => (membership.scope = scope),
    };
  },
  ({ subject, target, member, membership, input: { decryptLogs: on, purpose }, now }) => {
    if (on === undefined || on === membership.decryptLogs) return null;
    return {
      action: 'membership.decrypt-access-changed',
      ruling: mayChangeLogDecryption(subject, target, member, { on, purpose }, now),
      facts: { from: membership.decryptLogs, to: on, ...(purpose && { purpose }) },
      apply: () => (membership.decryptLogs = on),
    };
  },
  ({ subject, target, member, membership, input: { appTray }, now }) => {
    const botBuilder = appTray?.botBuilder;
    if (!botBuilder || same(botBuilder, membership.appTray.botBuilder)) return null;
    return {
      action: 'membership.bot-builder-changed',
      ruling: mayAssignBotBuilder(subject, target, member, now),
      facts: { from: membership.appTray.botBuilder, to: botBuilder },
      apply: () => (membership.appTray = { ...membership.appTray, botBuilder }),
    };
  },
  ({ subject, target, member, membership, input: { appTray }, now }) => {
    const applications = appTray?.applications;
    if (!applications || same(applications, membership.appTray.applications)) return null;
    return {
      action: 'membership.applications-changed',
      ruling: mayAssignApplications(subject, target, member, now),
      facts: { from: membership.appTray.applications, to: applications },
      apply: () => (membership.appTray = { ...membership.appTray, applications }),
    };
  },
];

/** Changes what a teammate is and may reach: all parts of the request, or none where one is refused. */
export async function changeMember(
  decision: Decision,
  organizationId: string,
  memberId: string,
  input: UpdateMember,
): Promise<Membership> {
  const { em, actor } = decision;
  const { member, membership } = await openMember(decision, organizationId, memberId);
  const target = await loadTarget(em, organizationId);
  if (!target) throw new Refusal('not_found');
  const now = await decision.now();
  const circumstances = { subject: await subjectOf(em, actor), target, member, membership, input, now };
  const subject = { kind: 'membership', id: memberId };
  const changes = parts.map((part) => part(circumstances)).filter((change) => change !== null);

  for (const { action, ruling } of changes) {
    if (!ruling.allowed) return refuseAct({ action, organizationIds: [organizationId], subject }, ruling.code);
  }
  if (input.scope) await requireGroups(em, organizationId, input.scope);
  for (const { action, ruling, facts, apply } of changes) {
    apply();
    const event = decision.record({
      action,
      by: ruling.allowed ? ruling.by : undefined,
      organizationIds: [organizationId],
      subject,
      facts: { accountId: membership.accountId, ...facts },
      personal: { reason: input.reason },
      at: now,
    });
    await tellMember(decision, event, membership.accountId);
  }
  await em.flush();
  return membership;
}
