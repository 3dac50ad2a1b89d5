import {
  mayAssignApplications,
  mayAssignBotBuilder,
  mayChangeLogDecryption,
  mayChangeScope,
  mayChangeWorkspaceRole,
  peopleSight,
  type Ruling,
  type Subject,
  type TargetMember,
  type TargetOrganization,
} from '#access';
import { Refusal, type UpdateMember } from '#contracts';
import type { Membership } from '#persistence';
import type { Decision } from '../decision.ts';
import { requireGroups } from '../group/require-groups.ts';
import { unconditionally, type Precondition } from '../precondition.ts';
import { refuseAct } from '../refuse-act.ts';
import { openMember } from './open-member.ts';
import { presentState } from './present-state.ts';
import { tellMember } from './tell-member.ts';
import { viewMember } from './view.ts';
import { toldOfMembership } from '../standing-told.ts';

interface Circumstances {
  subject: Subject;
  target: TargetOrganization;
  member: TargetMember;
  membership: Membership;
  input: UpdateMember;
  isCountersigned: boolean | undefined;
  now: Date;
}

/** One thing that a request says about a teammate; null where it says nothing. Right or wrong, it is judged first. */
type Part = (of: Circumstances) => null | {
  action: string;
  ruling: Ruling;
  /** False where it is so already. */
  changes: boolean;
  facts: Record<string, unknown>;
  apply: () => void;
};

const same = (left: unknown, right: unknown) => JSON.stringify(left) === JSON.stringify(right);

/** Each part of a change with the rule that judges it; together they are done or refused. */
const parts: readonly Part[] = [
  ({ subject, target, member, membership, input, isCountersigned, now }) => {
    const from = membership.workspaceRole ?? null;
    const { workspaceRole: to, reason } = input;
    if (to === undefined) return null;
    return {
      action: 'membership.workspace-role-changed',
      ruling: mayChangeWorkspaceRole(
        subject,
        target,
        member,
        { to, scope: input.scope ?? member.scope, reason, isCountersigned },
        now,
      ),
      changes: to !== from,
      facts: { from, to },
      apply: () => (membership.workspaceRole = to),
    };
  },
  ({ subject, target, member, membership, input, now }) => {
    const { scope, workspaceRole: to } = input;
    if (!scope) return null;
    const workspaceRole = to ?? member.membership.workspaceRole;
    // Raising to Owner is for the whole tenant: the scope belongs to the role that was judged above.
    const raised = workspaceRole === 'owner' && member.membership.workspaceRole !== 'owner' && scope.kind === 'client';
    const after = { ...member, membership: { ...member.membership, workspaceRole } };
    return {
      action: 'membership.scope-changed',
      ruling: raised ? { allowed: true, by: 'owner' } : mayChangeScope(subject, target, after, scope, now),
      changes: !same(scope, membership.scope),
      facts: { from: membership.scope, to: scope },
      apply: () => (membership.scope = scope),
    };
  },
  ({ subject, target, member, membership, input: { decryptLogs: on, purpose }, now }) => {
    if (on === undefined) return null;
    return {
      action: 'membership.decrypt-access-changed',
      ruling: mayChangeLogDecryption(subject, target, member, { on, purpose }, now),
      changes: on !== membership.decryptLogs,
      facts: { from: membership.decryptLogs, to: on, ...(purpose && { purpose }) },
      apply: () => (membership.decryptLogs = on),
    };
  },
  ({ subject, target, member, membership, input: { appTray }, now }) => {
    const botBuilder = appTray?.botBuilder;
    if (!botBuilder) return null;
    return {
      action: 'membership.bot-builder-changed',
      ruling: mayAssignBotBuilder(subject, target, member, now),
      changes: !same(botBuilder, membership.appTray.botBuilder),
      facts: { from: membership.appTray.botBuilder, to: botBuilder },
      apply: () => (membership.appTray = { ...membership.appTray, botBuilder }),
    };
  },
  ({ subject, target, member, membership, input: { appTray }, now }) => {
    const applications = appTray?.applications;
    if (!applications) return null;
    return {
      action: 'membership.applications-changed',
      ruling: mayAssignApplications(subject, target, member, now),
      changes: !same(applications, membership.appTray.applications),
      facts: { from: membership.appTray.applications, to: applications },
      apply: () => (membership.appTray = { ...membership.appTray, applications }),
    };
  },
];

/**
 * Changes what a teammate is and may reach: all parts of the request, or none where one is refused. What is so already
 * needs the same right, else the answer would tell it to anybody.
 */
export async function changeMember(
  decision: Decision,
  organizationId: string,
  memberId: string,
  input: UpdateMember,
  precondition: Precondition = unconditionally,
): Promise<Membership> {
  const { em } = decision;
  const opened = await openMember(decision, organizationId, memberId, actionOf(input));
  const { membership, now } = opened;
  const subject = { kind: 'membership', id: memberId };
  const judged = parts
    .map((part) => part({ ...opened, input, isCountersigned: decision.isCountersigned }))
    .filter((part) => part !== null);

  for (const { action, ruling } of judged) {
    if (!ruling.allowed)
      return refuseAct({ action, organizationIds: [organizationId], subject }, ruling.code, presentState(ruling.code));
  }
  if (judged.length === 0) requireReader(opened);
  await precondition(() => viewMember(decision, membership));
  if (input.scope) await requireGroups(em, organizationId, input.scope);
  for (const { action, ruling, facts, apply } of judged.filter(({ changes }) => changes)) {
    apply();
    const event = decision.record({
      action,
      by: ruling.allowed ? ruling.by : undefined,
      organizationIds: [organizationId],
      subject,
      facts: { accountId: membership.accountId, ...facts },
      standing: { memberships: [toldOfMembership(membership)] },
      personal: { reason: input.reason },
      at: now,
    });
    await tellMember(decision, event, membership.accountId);
  }
  await em.flush();
  return membership;
}

/** Whoever asks for nothing is answered what they may read anyway. */
function requireReader({ subject, target, member, now }: Omit<Circumstances, 'input' | 'isCountersigned'>): void {
  if (subject.accountId === member.accountId) return;
  if (peopleSight(subject, target, now) !== 'seen') throw new Refusal('forbidden');
}

/** As what a try goes on record that did not get as far as its parts. */
const actionOf = ({ workspaceRole, scope, decryptLogs, appTray }: UpdateMember): string => {
  if (workspaceRole !== undefined) return 'membership.workspace-role-changed';
  if (scope) return 'membership.scope-changed';
  if (decryptLogs !== undefined) return 'membership.decrypt-access-changed';
  return appTray?.applications ? 'membership.applications-changed' : 'membership.bot-builder-changed';
};
