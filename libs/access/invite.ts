/** Domain 3: which mails an invite sends, and who may give what by one. */
import { access, permits } from './effective-access.ts';
import { entitlements } from './entitlements.ts';
import { restrictionsInForce } from './restrictions.ts';
import { matricesInForce, type Matrices } from './role-matrix.ts';
import { isPartnerRole, type AdministratorRole, type AppTray, type WorkspaceRole } from './roles.ts';
import { allowed, anyRuling, everyRuling, refused, rulingOf } from './ruling.ts';
import { somewhereIn, within } from './scope.ts';
import { isSupport } from './standing.ts';
import type { Ruling, Scope, Subject, TargetOrganization } from './subject.ts';
import type { Transitions } from './transitions.ts';

export type LoginMethod = 'sso' | 'password';
export type InviteMail = 'activation' | 'welcome' | 'sign-up';

const mailTable: Readonly<
  Record<LoginMethod | 'both', { unknown: readonly InviteMail[]; known: readonly InviteMail[] }>
> = {
  sso: { unknown: ['activation', 'welcome'], known: ['welcome'] },
  password: { unknown: ['sign-up'], known: ['welcome'] },
  both: { unknown: ['activation', 'welcome', 'sign-up'], known: ['welcome'] },
};

/** The mails of an invite; `known` says whether the address has an account at the moment the mail goes out. */
export function inviteMails(loginMethods: readonly LoginMethod[], known: boolean): readonly InviteMail[] {
  const [first] = loginMethods;
  if (first === undefined) return [];
  const row = loginMethods.every((method) => method === first) ? first : 'both';
  return mailTable[row][known ? 'known' : 'unknown'];
}

export const inviteStatuses = ['pending', 'accepted', 'cancelled', 'expired', 'failed'] as const;
export type InviteStatus = (typeof inviteStatuses)[number];

/** `failed` (the mail could not be delivered) can be repaired by sending it again. */
export const inviteTransitions: Transitions<InviteStatus> = {
  pending: ['accepted', 'cancelled', 'expired', 'failed'],
  failed: ['pending', 'cancelled', 'expired'],
  accepted: [],
  cancelled: [],
  expired: [],
};

/** Everything the membership will have. */
export interface InviteContents {
  workspaceRole: WorkspaceRole | null;
  administratorRoles: readonly AdministratorRole[];
  scope: Scope;
  appTray?: AppTray;
}

/** Somebody invited as Owner may decrypt logs from the start; raising a user to Owner does not bring it. */
export const inviteGivesLogDecryption = ({ workspaceRole }: Pick<InviteContents, 'workspaceRole'>): boolean =>
  workspaceRole === 'owner';

type Question = readonly [subject: Subject, target: TargetOrganization, now: Date, matrices: Matrices];

const mayUse = ([subject, target, now, matrices]: Question, permission: string, code: string): Ruling =>
  rulingOf(access(subject, target, permission, now, matrices), 'use', code);

function workspaceRolePart(question: Question, { workspaceRole, scope }: InviteContents): Ruling {
  const inviting = mayUse(question, 'workspace.invite_users', 'may_not_invite_users');
  if (workspaceRole !== 'owner') return inviting;
  return everyRuling(
    inviting,
    () => mayUse(question, 'workspace.give_owner', 'may_not_give_owner'),
    () => (scope.kind === 'client' ? allowed('owner') : refused('owner_needs_client_scope')),
  );
}

function administratorRolesPart(
  [subject, target, now, matrices]: Question,
  { administratorRoles }: InviteContents,
): Ruling {
  if (target.kind !== 'partner' && administratorRoles.some(isPartnerRole))
    return refused('partner_role_outside_partner');
  const assigning = access(subject, target, 'assign_administrator_roles', now, matrices);
  const ruling = rulingOf(assigning, 'write', 'may_not_assign_administrator_roles');
  if (!ruling.allowed) return ruling;
  // Such an invite adds a user by hand: while that is restricted, only a partner-level standing carries it.
  const byHandRestricted =
    restrictionsInForce(target, now) && matrices.restrictions['users.manual_add_modify'] !== undefined;
  if (!byHandRestricted) return ruling;
  const partnerLevel = entitlements(subject, target, 'assign_administrator_roles', now, matrices).find(
    (entitlement) => !entitlement.restrictable && permits(entitlement, 'write'),
  );
  return partnerLevel ? allowed(partnerLevel.reason.id) : refused('restricted_administrator_mode');
}

/** The support team takes its own people in: with the bootstrap token the first, later by name. */
const supportTeamPart = ([subject, , now]: Question): Ruling =>
  isSupport(subject, now) ? allowed('support') : refused('support_only');

/**
 * The inviter needs the right for each part, when the invite is made and again when it is accepted, and in all of its
 * scope.
 */
export function mayInvite(
  subject: Subject,
  target: TargetOrganization,
  invite: InviteContents,
  now: Date,
  matrices: Matrices = matricesInForce(),
): Ruling {
  const question: Question = [within(subject, target.id, invite.scope), target, now, matrices];
  const parts: (() => Ruling)[] = [];
  if (target.kind === 'platform' && invite.administratorRoles.length === 0) parts.push(() => supportTeamPart(question));
  else if (invite.workspaceRole !== null) parts.push(() => workspaceRolePart(question, invite));
  if (invite.administratorRoles.length > 0) parts.push(() => administratorRolesPart(question, invite));
  if (invite.appTray?.botBuilder.length)
    parts.push(() => mayUse(question, 'workspace.assign_bot_builder', 'may_not_assign_bot_builder'));
  if (invite.appTray?.applications.length)
    parts.push(() => mayUse(question, 'workspace.invite_users', 'may_not_invite_users'));
  const [first, ...others] = parts;
  // No roles, no access: such a membership would be a name on a list.
  if (first === undefined || (invite.workspaceRole === null && invite.administratorRoles.length === 0))
    return refused('invite_without_roles');
  return everyRuling(first(), ...others);
}

/** Whoever may invite users or assign administrator roles there has something to do with invites. */
export function mayManageInvites(
  subject: Subject,
  target: TargetOrganization,
  now: Date,
  matrices: Matrices = matricesInForce(),
): Ruling {
  const code = 'may_not_invite_users';
  if (target.kind === 'platform') return supportTeamPart([subject, target, now, matrices]);
  const inviter = somewhereIn(subject, target.id);
  return anyRuling(mayUse([inviter, target, now, matrices], 'workspace.invite_users', code), () =>
    rulingOf(access(subject, target, 'assign_administrator_roles', now, matrices), 'write', code),
  );
}

/**
 * Sending again and withdrawing needs what making this very invite needs. Of a first invite that is the support team,
 * since there is nobody else yet.
 */
export function mayManageInvite(
  subject: Subject,
  target: TargetOrganization,
  { isFirst, ...contents }: InviteContents & { isFirst: boolean },
  now: Date,
  matrices: Matrices = matricesInForce(),
): Ruling {
  return isFirst && isSupport(subject, now) ? allowed('support') : mayInvite(subject, target, contents, now, matrices);
}
