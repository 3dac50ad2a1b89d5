import type { Appointment, Membership, Subject, TemporaryAccess } from '#access';
import type {
  AppointmentRow,
  AssignmentRow,
  GrantRow,
  KeyRow,
  MembershipRow,
  RelationshipRow,
  StandingRow,
} from './rows.ts';
import type { ServiceKey, Standing, StandingOrganization } from './standing.ts';

/** The value of what the statement answered. */
export function readRow(row: StandingRow): Standing {
  const organizations = organizationsOf(row);
  const services = new Map((row.keys ?? []).map((key) => [key.id, serviceKey(key)]));
  const { session } = row;
  return {
    now: new Date(row.now),
    session: session && {
      id: session.id,
      accountId: session.account_id,
      displayName: session.display_name,
      email: session.email,
      method: session.method,
      organizationId: session.organization_id,
      lastSeenAt: new Date(session.last_seen_at),
      expiresAt: new Date(session.expires_at),
      assurance: {
        amr: session.amr,
        acr: session.acr,
        authenticatedAt: new Date(session.authenticated_at),
        secondFactorAt: dateOf(session.second_factor_at),
      },
      signedOutOf: session.signed_out_of,
    },
    callerKey: (row.callerKeyId !== null && services.get(row.callerKeyId)) || null,
    subjects: subjectsOf(row, organizations, services),
    services,
    organizations,
    unusedGrantIds: new Set((row.grants ?? []).filter(({ used_at: usedAt }) => usedAt === null).map(({ id }) => id)),
    related: relatedOf(row.reach ?? []),
    customers: customersOf(row.reach ?? []),
    aliases: row.aliases ?? [],
    people: new Map(
      (row.people ?? []).map(({ id, display_name: displayName, email, removed: isRemoved }) => [
        id,
        { id, displayName, email, isRemoved },
      ]),
    ),
    lastFound: { subjectId: row.lastCandidateId, serviceId: row.lastCandidateKeyId, customerId: row.lastCustomerId },
  };
}

function organizationsOf({ organizations, relationships }: StandingRow): Map<string, StandingOrganization> {
  return new Map(
    (organizations ?? []).map((row) => [
      row.id,
      {
        id: row.id,
        kind: row.kind,
        name: row.name,
        slug: row.slug,
        loginMethods: row.login_methods,
        foreignSignIn: row.foreign_sign_in,
        restrictedMode: row.restricted_mode,
        disabledFeatures: row.disabled_features,
        policy: row.policy,
        approvalAssurance: row.approval_assurance,
        relationships: (relationships ?? []).filter((one) => one.customer_id === row.id).map(relationship),
      },
    ]),
  );
}

const relationship = (row: RelationshipRow) => ({
  id: row.id,
  partnerId: row.partner_id,
  customerId: row.customer_id,
  origin: row.origin,
  activeFrom: new Date(row.active_from),
  activeUntil: dateOf(row.active_until),
});

function subjectsOf(
  { memberships, assignments, grants, appointments }: StandingRow,
  organizations: ReadonlyMap<string, StandingOrganization>,
  services: ReadonlyMap<string, ServiceKey>,
): Map<string, Subject> {
  const subjects = new Map<string, Subject & { memberships: Membership[]; temporaryAccess: TemporaryAccess[] }>();
  const subjectOf = (accountId: string) => {
    const present: Subject & { memberships: Membership[]; temporaryAccess: TemporaryAccess[] } = subjects.get(
      accountId,
    ) ?? {
      accountId,
      memberships: [],
      closedMemberships: [],
      temporaryAccess: [],
    };
    subjects.set(accountId, present);
    return present;
  };
  for (const row of memberships ?? []) {
    const organization = organizations.get(row.organization_id);
    if (!organization) continue;
    const resting = appointmentsOf(row, appointments ?? []);
    subjectOf(row.account_id).memberships.push(membership(row, organization, assignments ?? [], resting));
  }
  for (const row of grants ?? []) subjectOf(row.account_id).temporaryAccess.push(temporaryAccess(row));
  for (const key of services.values()) {
    const organization = organizations.get(key.organizationId);
    if (!organization) continue;
    const service = subjectOf(key.id);
    service.memberships.push(membershipOfService(key, organization));
    // Without standing of their own they bound it all the more.
    service.onBehalfOf = subjectOf(key.responsibleId);
  }
  return subjects;
}

function membership(
  row: MembershipRow,
  { kind: organizationKind }: StandingOrganization,
  assignments: readonly AssignmentRow[],
  appointments: readonly Appointment[],
): Membership {
  const own = assignments.filter((assignment) => assignment.membership_id === row.id);
  return {
    id: row.id,
    organizationId: row.organization_id,
    organizationKind,
    kind: row.kind,
    workspaceRole: row.workspace_role,
    scope: row.scope,
    administratorRoles: row.administrator_roles,
    decryptLogs: row.decrypt_logs,
    appTray: row.app_tray,
    until: dateOf(row.until),
    signInOrganizationId: row.sign_in_organization_id,
    assignedCustomerIds: own.filter((one) => one.source !== 'service_setup').map((one) => one.customer_id),
    provisioningCustomerIds: own.filter((one) => one.source === 'service_setup').map((one) => one.customer_id),
    appointments,
  };
}

/** What the office of a home full administrator rests on: their own appointment first, then those that may stand behind it. */
function appointmentsOf(held: MembershipRow, rows: readonly AppointmentRow[]): Appointment[] {
  const isOffice = held.kind === 'home' && held.administrator_roles.includes('full_administrator');
  const own = isOffice ? rows.find((row) => row.membership_id === held.id && !row.ended) : undefined;
  if (!own) return [];
  const others = rows.filter((row) => row.organization_id === held.organization_id && row !== own);
  return [own, ...others].map((row) => ({
    id: row.id,
    accountId: row.account_id,
    founding: row.founding,
    backedBy: row.backed_by,
    partnerIds: row.partner_ids,
  }));
}

/** A service acts with the roles of its key in the one organization it belongs to, until the key expires. */
const membershipOfService = (key: ServiceKey, { kind: organizationKind }: StandingOrganization): Membership => ({
  id: key.id,
  organizationId: key.organizationId,
  organizationKind,
  kind: 'home',
  workspaceRole: key.workspaceRole,
  scope: { kind: 'client' },
  administratorRoles: key.administratorRoles,
  decryptLogs: false,
  appTray: { botBuilder: [], applications: [] },
  until: key.expiresAt,
  signInOrganizationId: null,
  assignedCustomerIds: [],
  provisioningCustomerIds: [],
  appointments: [],
});

const temporaryAccess = (row: GrantRow): TemporaryAccess => ({
  id: row.id,
  kind: row.kind,
  organizationId: row.organization_id,
  partnerId: row.partner_id,
  startsAt: new Date(row.starts_at),
  expiresAt: new Date(row.expires_at),
  endedAt: dateOf(row.ended_at),
  areas: row.areas,
});

const serviceKey = (row: KeyRow): ServiceKey => ({
  id: row.id,
  organizationId: row.organization_id,
  name: row.name,
  workspaceRole: row.workspace_role,
  administratorRoles: row.administrator_roles,
  scopes: row.scopes,
  allowedNetworks: row.allowed_networks,
  responsibleId: row.responsible_id,
  expiresAt: new Date(row.expires_at),
  lastUsedAt: dateOf(row.last_used_at),
});

function relatedOf(pairs: NonNullable<StandingRow['reach']>): Map<string, string[]> {
  const related = new Map<string, string[]>();
  const join = (one: string, other: string) => {
    const present = related.get(one);
    if (present) present.push(other);
    else related.set(one, [other]);
  };
  for (const { partner_id: partnerId, customer_id: customerId } of pairs) {
    join(partnerId, customerId);
    join(customerId, partnerId);
  }
  return related;
}

function customersOf(pairs: NonNullable<StandingRow['reach']>): Map<string, string[]> {
  const byPartner = Map.groupBy(pairs, ({ partner_id: partnerId }) => partnerId);
  return new Map([...byPartner].map(([id, own]) => [id, own.map(({ customer_id: customerId }) => customerId)]));
}

const dateOf = (text: string | null): Date | null => (text === null ? null : new Date(text));
