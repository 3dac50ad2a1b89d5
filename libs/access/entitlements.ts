/** Everything that gives a subject access to a setting, before restrictions: the union of all standings. */
import { rank, type AccessLevel, type Reason } from './levels.ts';
import { activeRelationship, provisionedBy, earlierOf } from './relationship.ts';
import type { Matrices } from './role-matrix.ts';
import { isHelpDeskRole, isOrganizationRole, isPartnerRole, type HelpDeskRole, type PartnerRole } from './roles.ts';
import {
  areaOf,
  isPartnerSetting,
  isWorkspacePermission,
  type Area,
  type PartnerSetting,
  type RestrictedSetting,
  type Setting,
  type WorkspacePermission,
} from './settings.ts';
import { homeMembershipsIn, liveMembershipsIn, partnerMemberships } from './standing.ts';
import { isLiveAccess } from './temporary-access.ts';
import type { Membership, Relationship, Subject, TargetOrganization, TemporaryAccess } from './subject.ts';

export interface Entitlement {
  level: AccessLevel;
  reason: Reason;
  /** Whether restricted administrator mode cuts it: not what partner-level standing gives. */
  restrictable: boolean;
}

type AdministeredSetting = Area | RestrictedSetting;

const roleReason = (id: string, level: AccessLevel, until: Date | null): Reason =>
  until === null ? { kind: 'role', id, level } : { kind: 'role', id, level, until };

/** 4a: the organization's own members, home and external, by their organization roles. */
function ownRoles(
  subject: Subject,
  target: TargetOrganization,
  setting: AdministeredSetting,
  now: Date,
  { organization }: Matrices,
): Entitlement[] {
  const area = areaOf(setting);
  if (area === 'retrieve_logs') return [];
  const row = organization.rows[area];
  return liveMembershipsIn(subject, target.id, now).flatMap(({ administratorRoles, until }) =>
    administratorRoles.filter(isOrganizationRole).map((role) => {
      const { level } = row[role];
      return { level, reason: roleReason(role, level, until), restrictable: true };
    }),
  );
}

/**
 * Domain 2: teammates by their workspace role; log decryption by the member's flag. A role for groups and teams gives
 * nothing for the tenant: whoever asks about these asks `within` them.
 */
function workspace(
  subject: Subject,
  target: TargetOrganization,
  permission: WorkspacePermission,
  now: Date,
  matrices: Matrices,
): Entitlement[] {
  return liveMembershipsIn(subject, target.id, now).flatMap(({ workspaceRole, scope, decryptLogs, until }) => {
    if (workspaceRole === null || scope.kind !== 'client') return [];
    if (permission === 'workspace.decrypt_logs')
      return decryptLogs
        ? [{ level: 'use', reason: roleReason('decrypt_logs', 'use', until), restrictable: false }]
        : [];
    const { level } = matrices.workspace.rows[permission][workspaceRole];
    return [{ level, reason: roleReason(workspaceRole, level, until), restrictable: false }];
  });
}

/** 4b, partner side: the partner's own people in the partner organization. */
function partnerSide(
  subject: Subject,
  target: TargetOrganization,
  setting: PartnerSetting,
  now: Date,
  { partner }: Matrices,
): Entitlement[] {
  return homeMembershipsIn(subject, target.id, now).flatMap(({ administratorRoles, organizationKind, until }) =>
    organizationKind === 'partner'
      ? administratorRoles.filter(isPartnerRole).map((role) => {
          const { level } = partner.rows[setting][role];
          return { level, reason: roleReason(role, level, until), restrictable: false };
        })
      : [],
  );
}

/** The customer-side row of a setting: its own where it has one, else its area's. */
const customerRow = ({ customer: { rows } }: Matrices, setting: AdministeredSetting) =>
  setting === 'users.directory_synchronization' ? rows[setting] : rows[areaOf(setting)];

/** Help desk reaches a customer only through a live session or grant, never by the role alone. */
function helpDesk(
  role: HelpDeskRole,
  cellLevel: 'none' | 'read' | 'write' | 'temporary',
  area: Area,
  live: readonly TemporaryAccess[],
  { activeUntil }: Relationship,
): Entitlement[] {
  // A grant for some areas reads the others, as a session does.
  const levelOf = ({ kind, areas }: TemporaryAccess) => {
    if (cellLevel !== 'temporary') return cellLevel;
    return kind === 'elevation' && (!areas || areas.includes(area)) ? 'write' : 'read';
  };
  return live
    .filter(({ kind }) => kind === 'help_desk_session' || role === 'help_desk_advanced')
    .map((access) => {
      const level = levelOf(access);
      const kind = access.kind === 'elevation' ? 'grant' : 'session';
      // What stands on the relationship ends with its term, whatever was granted.
      const until = earlierOf(access.expiresAt, activeUntil) ?? access.expiresAt;
      return { level, reason: { kind, id: access.id, level, until }, restrictable: true };
    });
}

/** 4b, customer side: the partner's people by their roles, while the relationship is active and provisioned. */
function customerSide(
  subject: Subject,
  target: TargetOrganization,
  setting: AdministeredSetting,
  now: Date,
  matrices: Matrices,
): Entitlement[] {
  const row = customerRow(matrices, setting);
  const byRole = (role: PartnerRole, membership: Membership, relationship: Relationship): Entitlement[] => {
    const cellLevel = row[role].level;
    if (isHelpDeskRole(role)) {
      const live = subject.temporaryAccess.filter(
        (temporary) =>
          temporary.organizationId === target.id &&
          temporary.partnerId === membership.organizationId &&
          isLiveAccess(temporary, now),
      );
      return helpDesk(role, cellLevel, areaOf(setting), live, relationship);
    }
    if (role === 'partner_administrator' && !membership.assignedCustomerIds.includes(target.id)) return [];
    // Only help desk has temporary cells; elsewhere one would be no access.
    const level = cellLevel === 'temporary' ? 'none' : cellLevel;
    return [{ level, reason: roleReason(role, level, relationship.activeUntil), restrictable: false }];
  };
  return partnerMemberships(subject, now).flatMap((membership) => {
    const relationship = provisionedBy(target, membership.organizationId, now);
    if (relationship === null) return [];
    return membership.administratorRoles
      .filter(isPartnerRole)
      .flatMap((role) => byRole(role, membership, relationship));
  });
}

/**
 * 4c: provisioning administrators have the partner administrator's column on their customer. Through an external
 * relationship only the person it was approved for has it, that is, while the external membership lives.
 */
function provisioning(
  subject: Subject,
  target: TargetOrganization,
  setting: AdministeredSetting,
  now: Date,
  matrices: Matrices,
): Entitlement[] {
  const cellLevel = customerRow(matrices, setting).partner_administrator.level;
  const level = cellLevel === 'temporary' ? 'none' : cellLevel;
  const external = liveMembershipsIn(subject, target.id, now).filter(({ kind }) => kind === 'external');
  const names = ({ provisioningCustomerIds }: Membership) => provisioningCustomerIds.includes(target.id);
  return partnerMemberships(subject, now).flatMap((home) => {
    const relationship = activeRelationship(target, home.organizationId, now);
    if (relationship === null) return [];
    const provisioned = provisionedBy(target, home.organizationId, now);
    const attached = external.find((membership) => names(membership) || names(home));
    const until = provisioned && names(home) ? provisioned.activeUntil : attached ? attached.until : undefined;
    if (until === undefined) return [];
    return [{ level, reason: roleReason('provisioning_administrator', level, until), restrictable: false }];
  });
}

const strongestFirst = (one: Entitlement, other: Entitlement) => rank[other.level] - rank[one.level];

/** What gives access to the setting, strongest first; empty where nothing does. */
export function entitlements(
  subject: Subject,
  target: TargetOrganization,
  setting: Setting,
  now: Date,
  matrices: Matrices,
): Entitlement[] {
  const question = [subject, target] as const;
  const all = isWorkspacePermission(setting)
    ? workspace(...question, setting, now, matrices)
    : isPartnerSetting(setting)
      ? partnerSide(...question, setting, now, matrices)
      : [
          ...ownRoles(...question, setting, now, matrices),
          ...customerSide(...question, setting, now, matrices),
          ...provisioning(...question, setting, now, matrices),
        ];
  return all.filter(({ level }) => level !== 'none').sort(strongestFirst);
}
