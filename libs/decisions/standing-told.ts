import type { RecordedGrant, RecordedMembership, RecordedOrganization, RecordedRelationship } from '#access';
import type { Grant, Membership, Organization, Relationship } from '#persistence';

/** What of a row the trail tells, so that who had access when can be read from it alone. Ids and states, no names. */
export const toldOfMembership = (row: Membership): RecordedMembership => ({
  id: row.id,
  accountId: row.accountId,
  organizationId: row.organizationId,
  kind: row.kind,
  workspaceRole: row.workspaceRole ?? null,
  administratorRoles: row.administratorRoles,
  decryptLogs: row.decryptLogs,
  scope: row.scope,
  until: row.until ?? null,
});

export const toldOfRelationship = ({
  id,
  partnerId,
  customerId,
  origin,
  activeFrom,
  termEndsAt,
}: Pick<
  Relationship,
  'id' | 'partnerId' | 'customerId' | 'origin' | 'activeFrom' | 'termEndsAt'
>): RecordedRelationship => ({
  id,
  partnerId,
  customerId,
  origin,
  activeFrom,
  ...(termEndsAt && { termEndsAt }),
});

export const toldOfOrganization = ({
  id,
  kind,
  restrictedMode,
  disabledFeatures,
}: Organization): RecordedOrganization => ({ id, kind, restrictedMode, disabledFeatures });

export const toldOfGrant = (row: Grant, role: RecordedGrant['role']): RecordedGrant => ({
  id: row.id,
  kind: row.kind,
  accountId: row.accountId,
  organizationId: row.organizationId,
  partnerId: row.partnerId,
  role,
  startsAt: row.startsAt,
  expiresAt: row.expiresAt,
  ...(row.areas && { areas: row.areas }),
});
