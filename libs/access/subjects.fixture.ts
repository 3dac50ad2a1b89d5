/** People and organizations for the specs of this room. */
import type { AdministratorRole, WorkspaceRole } from './roles.ts';
import type {
  Appointment,
  Membership,
  Relationship,
  Subject,
  TargetMember,
  TargetOrganization,
  TemporaryAccess,
  TemporaryAccessKind,
} from './subject.ts';

export const now = new Date('2026-03-02T10:00:00Z');
export const minutes = (count: number): Date => new Date(now.getTime() + count * 60_000);

export const membership = (
  organizationId: string,
  organizationKind: Membership['organizationKind'],
  changes: Partial<Membership> = {},
): Membership => ({
  id: `member-of-${organizationId}`,
  organizationId,
  organizationKind,
  kind: 'home',
  workspaceRole: null,
  scope: { kind: 'client' },
  administratorRoles: [],
  decryptLogs: false,
  appTray: { botBuilder: [], applications: [] },
  until: null,
  assignedCustomerIds: [],
  provisioningCustomerIds: [],
  appointments: [],
  ...changes,
});

export const appointment = (accountId: string, changes: Partial<Appointment> = {}): Appointment => ({
  id: `appointment-of-${accountId}`,
  accountId,
  founding: true,
  backedBy: [],
  partnerIds: [],
  ...changes,
});

export const person = (
  accountId: string,
  memberships: readonly Membership[],
  temporaryAccess: readonly TemporaryAccess[] = [],
): Subject => ({ accountId, memberships, closedMemberships: [], temporaryAccess });

/** Somebody at home in the customer `acme`; a full administrator is a founding one. */
export const customerPerson = (
  administratorRoles: readonly AdministratorRole[],
  workspaceRole: WorkspaceRole | null = null,
  changes: Partial<Membership> = {},
): Subject =>
  person('customer-person', [
    membership('acme', 'customer', {
      administratorRoles,
      workspaceRole,
      appointments: administratorRoles.includes('full_administrator') ? [appointment('customer-person')] : [],
      ...changes,
    }),
  ]);

/** Somebody at home in the partner `partner`; a partner administrator is assigned to `acme`. */
export const partnerPerson = (
  administratorRoles: readonly AdministratorRole[],
  changes: Partial<Membership> = {},
  temporaryAccess: readonly TemporaryAccess[] = [],
): Subject =>
  person(
    'partner-person',
    [membership('partner', 'partner', { administratorRoles, assignedCustomerIds: ['acme'], ...changes })],
    temporaryAccess,
  );

export const supporter = person('supporter', [membership('platform', 'platform')]);

export const relationship = (changes: Partial<Relationship> = {}): Relationship => ({
  id: 'relationship',
  partnerId: 'partner',
  customerId: 'acme',
  origin: 'provisioned',
  activeFrom: minutes(-1000),
  activeUntil: null,
  ...changes,
});

export const customer = (changes: Partial<TargetOrganization> = {}): TargetOrganization => ({
  id: 'acme',
  kind: 'customer',
  restrictedMode: false,
  disabledFeatures: [],
  relationships: [relationship()],
  ...changes,
});

export const partner = (changes: Partial<TargetOrganization> = {}): TargetOrganization => ({
  id: 'partner',
  kind: 'partner',
  restrictedMode: false,
  disabledFeatures: [],
  relationships: [],
  ...changes,
});

export const temporary = (kind: TemporaryAccessKind, changes: Partial<TemporaryAccess> = {}): TemporaryAccess => ({
  id: kind === 'elevation' ? 'the-grant' : 'the-session',
  kind,
  organizationId: 'acme',
  partnerId: 'partner',
  startsAt: minutes(-10),
  expiresAt: minutes(50),
  endedAt: null,
  ...changes,
});

export const member = (membershipOfMember: Membership, changes: Partial<TargetMember> = {}): TargetMember => ({
  accountId: 'somebody-else',
  membership: membershipOfMember,
  scope: { kind: 'client' },
  isLastOwner: false,
  isLastFullAdministrator: false,
  ...changes,
});
