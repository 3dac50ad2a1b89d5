/**
 * What the audit trail tells of who may do what: each event brings the whole of what it changed, as it was from then on. From the events of
 * a trail, in order, comes the standing of any moment, judged by the same rules as it was then.
 */
import { earlierOf } from './relationship.ts';
import type { AdministratorRole, WorkspaceRole } from './roles.ts';
import type {
  Membership,
  OrganizationKind,
  Relationship,
  RelationshipOrigin,
  Scope,
  Subject,
  TargetOrganization,
  TemporaryAccess,
  TemporaryAccessKind,
} from './subject.ts';

/** All of a membership at its beginning and at each change; its end alone where it ended. */
export interface RecordedMembership {
  id: string;
  accountId: string;
  organizationId: string;
  kind: 'home' | 'external';
  workspaceRole: WorkspaceRole | null;
  administratorRoles: readonly AdministratorRole[];
  decryptLogs: boolean;
  scope: Scope;
  until: Date | null;
}

export interface RecordedRelationship {
  id: string;
  partnerId: string;
  customerId: string;
  origin: RelationshipOrigin;
  activeFrom: Date;
  /** When it ends unless it is renewed; left out, it has no term. */
  termEndsAt?: Date | null;
}

export interface RecordedOrganization {
  id: string;
  kind: OrganizationKind;
  restrictedMode: boolean;
  disabledFeatures: readonly string[];
}

/** A customer on the list of somebody of a partner, or off it again. */
export interface RecordedAssignment {
  membershipId: string;
  accountId: string;
  partnerId: string;
  customerId: string;
  source: 'assigned' | 'provisioned' | 'service_setup';
  ended?: boolean;
}

export interface RecordedGrant {
  id: string;
  kind: TemporaryAccessKind;
  accountId: string;
  organizationId: string;
  partnerId: string;
  /** The role at the partner that it was given for: it ends in the transaction that takes the role away. */
  role: AdministratorRole;
  startsAt: Date;
  expiresAt: Date;
  /** What it opens for writing; absent where it opens all that a grant may. */
  areas?: readonly string[];
}

/** The end of what an earlier event told of. */
export interface RecordedEnd {
  id: string;
  endedAt: Date;
}

/** What one event tells; absent is what it did not touch. */
export interface RecordedStanding {
  organizations?: readonly RecordedOrganization[];
  relationships?: readonly (RecordedRelationship | RecordedEnd)[];
  memberships?: readonly (RecordedMembership | RecordedEnd)[];
  assignments?: readonly RecordedAssignment[];
  grants?: readonly (RecordedGrant | RecordedEnd)[];
}

type Ending<T> = T & { endedAt: Date | null };

/** All that the events so far have told. */
export class StandingOnRecord {
  private readonly organizations = new Map<string, RecordedOrganization>();
  private readonly relationships = new Map<string, Ending<RecordedRelationship>>();
  private readonly memberships = new Map<string, Ending<RecordedMembership>>();
  private readonly assignments = new Map<string, RecordedAssignment>();
  private readonly grants = new Map<string, Ending<RecordedGrant>>();

  /** The next event, in the order of their times. */
  add(told: RecordedStanding): void {
    for (const organization of told.organizations ?? []) this.organizations.set(organization.id, organization);
    for (const one of told.relationships ?? []) put(this.relationships, one);
    for (const one of told.memberships ?? []) {
      put(this.memberships, one);
      if ('endedAt' in one) this.endAssignmentsOf(one.id);
    }
    for (const one of told.grants ?? []) put(this.grants, one);
    for (const one of told.assignments ?? []) {
      const key = `${one.membershipId} ${one.customerId} ${one.source}`;
      if (one.ended) this.assignments.delete(key);
      else this.assignments.set(key, one);
    }
  }

  /** What stood on a membership goes with it, without an event of its own. */
  private endAssignmentsOf(membershipId: string): void {
    for (const [key, one] of this.assignments) if (one.membershipId === membershipId) this.assignments.delete(key);
  }

  /** The organization as the rules look at it; null where no event told of it. */
  target(organizationId: string): TargetOrganization | null {
    const organization = this.organizations.get(organizationId);
    if (!organization) return null;
    const relationships = [...this.relationships.values()].filter(({ customerId }) => customerId === organizationId);
    return { ...organization, relationships: relationships.map(relationship) };
  }

  /** Everybody whom an event gave anything that may open the organization, now or then. */
  peopleAround(organizationId: string): string[] {
    const partners = [...this.relationships.values()]
      .filter(({ customerId }) => customerId === organizationId)
      .map(({ partnerId }) => partnerId);
    const belongs = new Set([organizationId, ...partners]);
    return [
      ...new Set([
        ...[...this.memberships.values()].filter((one) => belongs.has(one.organizationId)).map((one) => one.accountId),
        ...[...this.assignments.values()]
          .filter(({ customerId }) => customerId === organizationId)
          .map(({ accountId }) => accountId),
        ...[...this.grants.values()]
          .filter((grant) => grant.organizationId === organizationId)
          .map(({ accountId }) => accountId),
      ]),
    ];
  }

  /** What somebody held, as the rules look at it; the rules compare its times with the moment asked for. */
  subject(accountId: string): Subject {
    const held = [...this.memberships.values()].filter((one) => one.accountId === accountId && one.endedAt === null);
    const grants = [...this.grants.values()].filter((one) => one.accountId === accountId);
    const assignments = [...this.assignments.values()].filter((one) => one.accountId === accountId);
    const memberships = held.map((one) => this.membership(one, assignments));
    return {
      accountId,
      memberships: [...memberships, ...this.placesAtPartners(held, assignments, grants)],
      closedMemberships: [],
      temporaryAccess: grants.map(temporaryAccess),
    };
  }

  private membership(held: RecordedMembership, assignments: readonly RecordedAssignment[]): Membership {
    const own = assignments.filter(({ membershipId }) => membershipId === held.id);
    return {
      ...held,
      organizationKind: this.organizations.get(held.organizationId)?.kind ?? 'customer',
      appTray: { botBuilder: [], applications: [] },
      assignedCustomerIds: own.filter(({ source }) => source !== 'service_setup').map(({ customerId }) => customerId),
      provisioningCustomerIds: own.filter(({ source }) => source === 'service_setup').map((one) => one.customerId),
      appointments: [],
    };
  }

  /**
   * A customer's trail has nothing of who belongs to a partner. It tells what somebody of a partner had there by a list
   * or a grant, and these end when the role does: while they last, the role was held.
   */
  private placesAtPartners(
    held: readonly RecordedMembership[],
    assignments: readonly RecordedAssignment[],
    grants: readonly Ending<RecordedGrant>[],
  ): Membership[] {
    const partnerIds = new Set([...assignments, ...grants].map(({ partnerId }) => partnerId));
    // A trail of the partner's own tells more, and is believed.
    const unknown = [...partnerIds].filter((id) => this.organizations.get(id)?.kind !== 'partner');
    return unknown.map((partnerId) => {
      const listed = assignments.filter((one) => one.partnerId === partnerId);
      const lists = listed.filter(({ membershipId }) => !held.some(({ id }) => id === membershipId));
      const customers = lists.filter(({ source }) => source !== 'service_setup');
      return {
        id: lists[0]?.membershipId ?? partnerId,
        organizationId: partnerId,
        organizationKind: 'partner',
        kind: 'home',
        workspaceRole: null,
        scope: { kind: 'client' },
        administratorRoles: [
          ...new Set([
            ...(customers.length > 0 ? (['partner_administrator'] as const) : []),
            ...grants.filter((one) => one.partnerId === partnerId && one.endedAt === null).map(({ role }) => role),
          ]),
        ],
        decryptLogs: false,
        appTray: { botBuilder: [], applications: [] },
        until: null,
        assignedCustomerIds: customers.map(({ customerId }) => customerId),
        provisioningCustomerIds: lists.filter((one) => one.source === 'service_setup').map((one) => one.customerId),
        appointments: [],
      };
    });
  }
}

function put<T extends { id: string }>(known: Map<string, Ending<T>>, told: T | RecordedEnd): void {
  const former = known.get(told.id);
  if (!('endedAt' in told)) known.set(told.id, { ...told, endedAt: null });
  else if (former) known.set(told.id, { ...former, endedAt: told.endedAt });
}

const relationship = ({ endedAt, termEndsAt, ...told }: Ending<RecordedRelationship>): Relationship => ({
  ...told,
  activeUntil: earlierOf(endedAt, termEndsAt ?? null),
});

const temporaryAccess = ({ role: _role, ...told }: Ending<RecordedGrant>): TemporaryAccess => told;
