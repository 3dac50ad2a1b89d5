/**
 * What the rules look at. Everything here is read live by the caller in the transaction that decides; the rules
 * themselves never read a clock, a database or the environment.
 */
import type { AdministratorRole, AppTray, WorkspaceRole } from './roles.ts';

export type OrganizationKind = 'platform' | 'partner' | 'customer' | 'consumer';
export type RelationshipOrigin = 'provisioned' | 'external_administrator';
export type TemporaryAccessKind = 'elevation' | 'help_desk_session';

/** One person's (or one service's) place in one organization. */
export interface Membership {
  id: string;
  organizationId: string;
  organizationKind: OrganizationKind;
  kind: 'home' | 'external';
  workspaceRole: WorkspaceRole | null;
  /** Where the workspace role reaches; administrator roles are for the whole organization. */
  scope: Scope;
  administratorRoles: readonly AdministratorRole[];
  decryptLogs: boolean;
  appTray: AppTray;
  /** External memberships may carry an end; null means until removed. */
  until: Date | null;
  /** The organization whose sign-in opens an external membership, too. */
  signInOrganizationId?: string | null;
  /** Customers a partner administrator provisioned or was assigned; empty for everybody else. */
  assignedCustomerIds: readonly string[];
  /** Customers for which services were set up by this person: the derived provisioning administrator. */
  provisioningCustomerIds: readonly string[];
  /** What a home full administrator's place rests on: their own appointment first; empty for everybody else. */
  appointments: readonly Appointment[];
}

/** That somebody became full administrator of an organization, and who stands behind it. */
export interface Appointment {
  id: string;
  accountId: string;
  /** The organization's first invite made it, while there was no other full administrator. */
  founding: boolean;
  /** Appointments, in the same list, of the home full administrators who gave or confirmed this one. */
  backedBy: readonly string[];
  /** Every partner the person belongs to at this moment, at home or not, whatever a session opens. */
  partnerIds: readonly string[];
}

/** A temporary access of the subject. Rows that are over may be passed in: the rules compare with `now`. */
export interface TemporaryAccess {
  id: string;
  kind: TemporaryAccessKind;
  /** The customer that is accessed. */
  organizationId: string;
  /** The partner for which the holder acts. */
  partnerId: string;
  startsAt: Date;
  expiresAt: Date;
  /** Set when the access was revoked, returned, superseded or ended. */
  endedAt: Date | null;
  /** What a grant opens for writing; null is all that one may. A session opens nothing for writing. */
  areas?: readonly string[] | null;
}

export interface Subject {
  accountId: string;
  /** What gives rights: the memberships that the session opens; without a session in between, all. */
  memberships: readonly Membership[];
  /** What is held beside them and gives no rights now; independence is judged by it all the same. */
  closedMemberships: readonly Membership[];
  temporaryAccess: readonly TemporaryAccess[];
  /** The person a service answers to: it may what both of them may at this moment. Only services have one. */
  onBehalfOf?: Subject;
}

export interface Relationship {
  id: string;
  partnerId: string;
  customerId: string;
  origin: RelationshipOrigin;
  activeFrom: Date;
  activeUntil: Date | null;
}

/** The organization whose setting is asked for. */
export interface TargetOrganization {
  id: string;
  kind: OrganizationKind;
  restrictedMode: boolean;
  /** Ids of settings or workspace permissions this tenant lacks. */
  disabledFeatures: readonly string[];
  /** Relationships in which this organization is the customer. */
  relationships: readonly Relationship[];
}

/** Every rule answers with the reason: which standing allowed it, or the stable code of the refusal. */
export type Ruling = { allowed: true; by: string } | { allowed: false; code: string };

/** Where a workspace role reaches: the whole tenant, or groups and teams. */
export type Scope = { kind: 'client' } | { kind: 'groups'; groupIds: readonly string[]; teamIds: readonly string[] };

/** The member an act is about, with what the rules must know of the organization's other members. */
export interface TargetMember {
  accountId: string;
  membership: Membership;
  scope: Scope;
  /** The only home member with the Owner role. */
  isLastOwner: boolean;
  /** The only home member with the full administrator role. */
  isLastFullAdministrator: boolean;
}
