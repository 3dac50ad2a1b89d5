import type { SignInMethod } from '../entities/account.ts';
import type {
  AdministratorRole,
  ApiKeyScope,
  ApprovalAssurance,
  Assurance,
  Subject,
  TargetOrganization,
  WorkspaceRole,
} from '#access';

/** The session a call came with, alive or not: its liveness is judged by the clock it was read with. */
export interface CallerSession {
  id: string;
  accountId: string;
  displayName: string;
  email: string;
  method: SignInMethod;
  /** The organization a single sign-on was made at. */
  organizationId: string | null;
  lastSeenAt: Date;
  expiresAt: Date;
  /** How surely, and when last, the person proved who they are. */
  assurance: Assurance;
  /** Organizations whose administrator has signed the person out since. */
  signedOutOf: readonly string[];
}

/** An API key that is neither revoked nor expired. */
export interface ServiceKey {
  id: string;
  organizationId: string;
  name: string;
  workspaceRole: WorkspaceRole | null;
  administratorRoles: readonly AdministratorRole[];
  scopes: readonly ApiKeyScope[];
  allowedNetworks: readonly string[];
  /** The person it answers to. */
  responsibleId: string;
  expiresAt: Date;
  lastUsedAt: Date | null;
}

/** An organization as the rules look at it, and what sessions and pages need of it. */
export interface StandingOrganization extends TargetOrganization {
  name: string;
  slug: string;
  loginMethods: readonly ('sso' | 'password')[];
  /** Whether approved external administrators may come in by the sign-in of their own organization. */
  foreignSignIn: boolean;
  /** Seconds; a missing entry means the default. */
  policy: Partial<Record<string, number>>;
  /** What it asks of a session in which somebody decides for it. */
  approvalAssurance: ApprovalAssurance;
}

/**
 * Everything rights are judged by, read at one moment: who calls, what they and those asked about hold, the
 * organizations it is about, and the clock. It is good for one judgement and kept for none after it.
 */
export interface Standing {
  /** The database's clock. */
  now: Date;
  session: CallerSession | null;
  /** The key a call came with. */
  callerKey: ServiceKey | null;
  /** People by account, services by key: the caller, whoever was asked about, and who was found around. */
  subjects: ReadonlyMap<string, Subject>;
  services: ReadonlyMap<string, ServiceKey>;
  /** Those asked about and those anybody here belongs to; missing where there is none. */
  organizations: ReadonlyMap<string, StandingOrganization>;
  /** Grants nobody has used yet, by id. */
  unusedGrantIds: ReadonlySet<string>;
  /** For each organization of the caller, those an active relationship joins to it; only in whole standing. */
  related: ReadonlyMap<string, readonly string[]>;
  /** For each partner among them, its customers; only in whole standing. */
  customers: ReadonlyMap<string, readonly string[]>;
  /** Names and addresses, where the administrators of an organization were asked for. */
  people: ReadonlyMap<string, { id: string; displayName: string; email: string; isRemoved: boolean }>;
  /** The caller's other addresses; only in whole standing. */
  aliases: readonly string[];
  /** Where a full page of what was looked for ends; null where there is no more. */
  lastFound: { subjectId: string | null; serviceId: string | null; customerId: string | null };
}

/** Nobody there, or nobody of whom anything may be known. */
export const nobodyOf = (accountId: string): Subject => ({
  accountId,
  memberships: [],
  closedMemberships: [],
  temporaryAccess: [],
});

export const subjectIn = ({ subjects }: Pick<Standing, 'subjects'>, id: string): Subject =>
  subjects.get(id) ?? nobodyOf(id);
