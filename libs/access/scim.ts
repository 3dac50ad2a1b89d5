/** A tenant's directory: who lets it in by a token, and what its word may do to the members of that tenant. */
import { mayInvite } from './invite.ts';
import { mayChangeAuthentication } from './organization.ts';
import { matricesInForce, type Matrices } from './role-matrix.ts';
import type { WorkspaceRole } from './roles.ts';
import { allowed, everyRuling, refused } from './ruling.ts';
import type { Ruling, Subject, TargetMember, TargetOrganization } from './subject.ts';

/** What a directory may have its people invited with: never Owner, and no administrator role. */
export const directoryRoles = ['full_access', 'limited_access', 'read_only', 'restricted'] as const;
export type DirectoryRole = (typeof directoryRoles)[number] & WorkspaceRole;

/** Who may come and go is part of how people sign in, so its tokens are the tenant's own in the same way. */
export const mayManageScimTokens = mayChangeAuthentication;

/**
 * Making or renewing a token, and what the person it answers to must still be able to do at every use of it: a
 * directory invites by their right.
 */
export function mayProvision(
  subject: Subject,
  target: TargetOrganization,
  workspaceRole: DirectoryRole,
  now: Date,
  matrices: Matrices = matricesInForce(),
): Ruling {
  const contents = { workspaceRole, administratorRoles: [], scope: { kind: 'client' as const } };
  return everyRuling(mayManageScimTokens(subject, target, now, matrices), () =>
    mayInvite(subject, target, contents, now, matrices),
  );
}

/**
 * Whether a directory may end a home membership. It never takes an Owner's role away, as nobody in the tenant does, and
 * leaves the last full administrator.
 */
export function mayDeprovision({ membership, isLastOwner, isLastFullAdministrator }: TargetMember): Ruling {
  if (isLastOwner) return refused('last_owner');
  if (membership.workspaceRole === 'owner') return refused('owner_role_is_fixed');
  return isLastFullAdministrator ? refused('last_full_administrator') : allowed('directory');
}
