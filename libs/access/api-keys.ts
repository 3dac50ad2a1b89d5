/** Service principals: who makes them, and what they may hold. */
import { access } from './effective-access.ts';
import { matricesInForce, type Matrices } from './role-matrix.ts';
import { isPartnerRole, type AdministratorRole, type WorkspaceRole } from './roles.ts';
import { anyRuling, everyRuling, refused, rulingOf } from './ruling.ts';
import type { Ruling, Subject, TargetOrganization } from './subject.ts';

const code = 'may_not_manage_api_keys';

export interface ServiceRoles {
  workspaceRole: WorkspaceRole | null;
  administratorRoles: readonly AdministratorRole[];
}

/** Listing and revoking: who may give somebody a role there. Temporary access never can, so it leaves no key behind. */
export function mayManageApiKeys(
  subject: Subject,
  target: TargetOrganization,
  now: Date,
  matrices: Matrices = matricesInForce(),
): Ruling {
  return anyRuling(rulingOf(access(subject, target, 'assign_administrator_roles', now, matrices), 'write', code), () =>
    rulingOf(access(subject, target, 'workspace.invite_users', now, matrices), 'use', code),
  );
}

/** The creator needs the right to give each role. Owner is a person: a service never is one. */
export function mayCreateApiKey(
  subject: Subject,
  target: TargetOrganization,
  { workspaceRole, administratorRoles }: ServiceRoles,
  now: Date,
  matrices: Matrices = matricesInForce(),
): Ruling {
  const may = (setting: string, action: string, refusal: string) => () =>
    rulingOf(access(subject, target, setting, now, matrices), action, refusal);
  if (workspaceRole === 'owner') return refused('role_not_available');
  if (target.kind !== 'partner' && administratorRoles.some(isPartnerRole))
    return refused('partner_role_outside_partner');
  return everyRuling(
    mayManageApiKeys(subject, target, now, matrices),
    ...(workspaceRole === null ? [] : [may('workspace.invite_users', 'use', 'may_not_invite_users')]),
    ...(administratorRoles.length === 0
      ? []
      : [may('assign_administrator_roles', 'write', 'may_not_assign_administrator_roles')]),
  );
}
