/** Domain 2: changing, raising and removing teammates. */
import { access } from './effective-access.ts';
import { mayManageExternalAdministrators } from './external-administrator.ts';
import { matricesInForce, type Matrices } from './role-matrix.ts';
import type { WorkspaceRole } from './roles.ts';
import { allowed, anyRuling, everyRuling, refused, rulingOf } from './ruling.ts';
import { within } from './scope.ts';
import { isSupport } from './standing.ts';
import type { Ruling, Scope, Subject, TargetMember, TargetOrganization } from './subject.ts';

const isSelf = (subject: Subject, member: TargetMember) => subject.accountId === member.accountId;
const isOwner = ({ membership }: TargetMember) => membership.workspaceRole === 'owner';

/** Whether the organization would be left without an Owner. Externals do not count. */
export const losesLastOwner = (member: TargetMember, to: WorkspaceRole | null): boolean =>
  isOwner(member) && member.isLastOwner && to !== 'owner';

export interface WorkspaceRoleChange {
  /** Null deletes the role. */
  to: WorkspaceRole | null;
  /** The scope the member will have; Owner is for the whole tenant only. */
  scope: Scope;
  /** Recorded; without it support changes no Owner. */
  reason?: string | null | undefined;
  /** Two named people of the support team stand behind it. */
  isCountersigned?: boolean | undefined;
}

/** Nobody within the tenant changes an Owner's role; two of support do, with a reason, but never the last one's. */
function supportChange(subject: Subject, member: TargetMember, change: WorkspaceRoleChange, now: Date): Ruling {
  if (!isSupport(subject, now)) return refused('owner_role_is_fixed');
  if (!change.reason?.trim()) return refused('reason_required');
  if (losesLastOwner(member, change.to)) return refused('last_owner');
  return change.isCountersigned ? allowed('support') : refused('two_people_required');
}

/** Judges a change, raise or deletion of a workspace role. */
export function mayChangeWorkspaceRole(
  subject: Subject,
  target: TargetOrganization,
  member: TargetMember,
  change: WorkspaceRoleChange,
  now: Date,
  matrices: Matrices = matricesInForce(),
): Ruling {
  const may = (permission: string, code: string) =>
    rulingOf(
      access(within(subject, target.id, member.scope, change.scope), target, permission, now, matrices),
      'use',
      code,
    );
  if (isSelf(subject, member)) return refused('own_role');
  // External administrators are no teammates.
  if (member.membership.kind === 'external' && change.to !== null) return refused('role_not_available');
  if (change.to === 'owner' && change.scope.kind !== 'client') return refused('owner_needs_client_scope');
  if (isOwner(member) && change.to !== 'owner') return supportChange(subject, member, change, now);
  if (change.to === 'owner')
    return anyRuling(may('workspace.give_owner', 'may_not_give_owner'), () =>
      isSupport(subject, now) ? supportChange(subject, member, change, now) : refused('may_not_give_owner'),
    );
  if (change.to === null) return may('workspace.invite_users', 'may_not_remove_users');
  return may('workspace.change_roles', 'may_not_change_roles');
}

/** An Owner keeps the whole tenant; nobody changes their own reach. */
export function mayChangeScope(
  subject: Subject,
  target: TargetOrganization,
  member: TargetMember,
  scope: Scope,
  now: Date,
  matrices: Matrices = matricesInForce(),
): Ruling {
  if (isSelf(subject, member)) return refused('own_role');
  if (isOwner(member) && scope.kind !== 'client') return refused('owner_needs_client_scope');
  return everyRuling(
    rulingOf(
      access(within(subject, target.id, member.scope, scope), target, 'workspace.change_roles', now, matrices),
      'use',
      'may_not_change_roles',
    ),
    () => mayTouch(subject, target, member, now, matrices),
  );
}

/**
 * Removing a member takes all their roles away, hence needs the right for each part, and never leaves the organization
 * without Owner or full administrator.
 */
export function mayRemoveMember(
  subject: Subject,
  target: TargetOrganization,
  member: TargetMember,
  { reason, isCountersigned }: Pick<WorkspaceRoleChange, 'reason' | 'isCountersigned'>,
  now: Date,
  matrices: Matrices = matricesInForce(),
): Ruling {
  const { membership, scope } = member;
  const of = (setting: string) => access(within(subject, target.id, scope), target, setting, now, matrices);
  if (isSelf(subject, member)) return mayLeave(member);
  if (membership.kind === 'external') return mayManageExternalAdministrators(subject, target.id, now);
  const removing = anyRuling(rulingOf(of('workspace.invite_users'), 'use', 'may_not_remove_users'), () =>
    rulingOf(of('users.manual_add_modify'), 'write', 'may_not_remove_users'),
  );
  const takingRolesAway = () =>
    membership.administratorRoles.length === 0
      ? removing
      : rulingOf(of('assign_administrator_roles'), 'write', 'may_not_assign_administrator_roles');
  const right = isOwner(member)
    ? supportChange(subject, member, { to: null, scope, reason, isCountersigned }, now)
    : everyRuling(removing, takingRolesAway);
  // Who the last one is, is told to those who have the right.
  return right.allowed && member.isLastFullAdministrator ? refused('last_full_administrator') : right;
}

/**
 * Signing a member out of the organization: whoever may remove users, and for an Owner or an administrator whoever may
 * assign administrator roles. A grant may not: else an agent could sign out the one who would revoke it.
 */
export function mayEndSessions(
  subject: Subject,
  target: TargetOrganization,
  member: TargetMember,
  now: Date,
  matrices: Matrices = matricesInForce(),
): Ruling {
  const of = (setting: string) => access(within(subject, target.id, member.scope), target, setting, now, matrices);
  if (isSelf(subject, member)) return allowed('self');
  const { workspaceRole, administratorRoles } = member.membership;
  const assigning = rulingOf(of('assign_administrator_roles'), 'write', 'may_not_assign_administrator_roles');
  if (workspaceRole === 'owner' || administratorRoles.length > 0)
    return anyRuling(assigning, () => rulingOf(of('workspace.give_owner'), 'use', 'may_not_end_sessions'));
  return anyRuling(rulingOf(of('workspace.invite_users'), 'use', 'may_not_end_sessions'), () =>
    rulingOf(of('users.manual_add_modify'), 'write', 'may_not_end_sessions'),
  );
}

/** Everybody may leave, whatever they are there, but for the one without whom nobody could let anybody in. */
export function mayLeave({ isLastOwner, isLastFullAdministrator }: TargetMember): Ruling {
  if (isLastOwner) return refused('last_owner');
  return isLastFullAdministrator ? refused('last_full_administrator') : allowed('self');
}

export const logDecryptionPurposes = ['data_protection_officer', 'debugging'] as const;
export type LogDecryptionPurpose = (typeof logDecryptionPurposes)[number];

/** Another Owner or support turns log decryption on, for a purpose, never oneself. The flag is no role: an Owner may get it. */
export function mayChangeLogDecryption(
  subject: Subject,
  target: TargetOrganization,
  member: TargetMember,
  change: { on: boolean; purpose?: string | null },
  now: Date,
  matrices: Matrices = matricesInForce(),
): Ruling {
  if (change.on && isSelf(subject, member)) return refused('own_role');
  if (change.on && !logDecryptionPurposes.some((purpose) => purpose === change.purpose))
    return refused('purpose_required');
  if (isSupport(subject, now)) return allowed('support');
  return rulingOf(
    access(subject, target, 'workspace.decrypt_access', now, matrices),
    'use',
    'may_not_give_log_decryption',
  );
}

/** Full access neither gives nor touches Owner, so an Owner's app tray is an Owner's to change. */
function mayTouch(subject: Subject, target: TargetOrganization, member: TargetMember, now: Date, matrices: Matrices) {
  if (!isOwner(member) || isSelf(subject, member)) return allowed('teammate');
  return rulingOf(access(subject, target, 'workspace.give_owner', now, matrices), 'use', 'may_not_touch_owner');
}

/** Owner and Full access give Bot Builder roles: one, both or none, themselves included. */
export function mayAssignBotBuilder(
  subject: Subject,
  target: TargetOrganization,
  member: TargetMember,
  now: Date,
  matrices: Matrices = matricesInForce(),
): Ruling {
  return everyRuling(mayTouch(subject, target, member, now, matrices), () =>
    rulingOf(
      access(within(subject, target.id, member.scope), target, 'workspace.assign_bot_builder', now, matrices),
      'use',
      'may_not_assign_bot_builder',
    ),
  );
}

/** Giving app-tray applications is changing what a role reaches, so nobody does it for themselves. */
export function mayAssignApplications(
  subject: Subject,
  target: TargetOrganization,
  member: TargetMember,
  now: Date,
  matrices: Matrices = matricesInForce(),
): Ruling {
  if (isSelf(subject, member)) return refused('own_role');
  return everyRuling(mayTouch(subject, target, member, now, matrices), () =>
    rulingOf(
      access(within(subject, target.id, member.scope), target, 'workspace.change_roles', now, matrices),
      'use',
      'may_not_change_roles',
    ),
  );
}

/**
 * An account goes from every organization at once, so the last-one rules of each are asked. With somebody who decides for
 * their organization goes a decision of support about who decides, and that takes two.
 */
export function mayRemoveAccount(
  subject: Subject,
  accountId: string,
  members: readonly TargetMember[],
  { reason, isCountersigned }: { reason?: string | null; isCountersigned?: boolean | undefined },
  now: Date,
): Ruling {
  if (!isSupport(subject, now)) return refused('support_only');
  if (subject.accountId === accountId) return refused('own_role');
  if (!reason?.trim()) return refused('reason_required');
  if (members.some((member) => losesLastOwner(member, null))) return refused('last_owner');
  if (members.some((member) => member.isLastFullAdministrator)) return refused('last_full_administrator');
  return isCountersigned || !members.some(decides) ? allowed('support') : refused('two_people_required');
}

const decides = (member: TargetMember): boolean =>
  isOwner(member) ||
  (member.membership.kind === 'home' && member.membership.administratorRoles.includes('full_administrator'));

/** Adding and deleting groups and teams is the Owner's. */
export const mayManageGroups = (
  subject: Subject,
  target: TargetOrganization,
  now: Date,
  matrices: Matrices = matricesInForce(),
): Ruling => rulingOf(access(subject, target, 'workspace.add_groups', now, matrices), 'use', 'may_not_add_groups');
