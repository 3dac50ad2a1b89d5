import type {
  AdministratorRole,
  ApiKeyScope,
  AppTray,
  ApprovalAssurance,
  OrganizationKind,
  RelationshipOrigin,
  Scope,
  TemporaryAccessKind,
  WorkspaceRole,
} from '#access';
import type { SignInMethod } from '../entities/account.ts';

/** The one row the statement answers with; lists without a row are null, times in JSON are ISO 8601. */
export interface StandingRow {
  now: string;
  session: SessionRow | null;
  callerKeyId: string | null;
  memberships: MembershipRow[] | null;
  keys: KeyRow[] | null;
  organizations: OrganizationRow[] | null;
  relationships: RelationshipRow[] | null;
  assignments: AssignmentRow[] | null;
  grants: GrantRow[] | null;
  lastCustomerId: string | null;
  lastCandidateId: string | null;
  lastCandidateKeyId: string | null;
  reach: { partner_id: string; customer_id: string }[] | null;
  aliases: string[] | null;
  people: { id: string; display_name: string; email: string; removed: boolean }[] | null;
  appointments: AppointmentRow[] | null;
}

export interface SessionRow {
  id: string;
  account_id: string;
  display_name: string;
  email: string;
  method: SignInMethod;
  organization_id: string | null;
  last_seen_at: string;
  expires_at: string;
  amr: string[];
  acr: string | null;
  authenticated_at: string;
  second_factor_at: string | null;
  signed_out_of: string[];
}

export interface MembershipRow {
  id: string;
  account_id: string;
  organization_id: string;
  kind: 'home' | 'external';
  sign_in_organization_id: string | null;
  workspace_role: WorkspaceRole | null;
  scope: Scope;
  administrator_roles: AdministratorRole[];
  decrypt_logs: boolean;
  app_tray: AppTray;
  until: string | null;
}

export interface KeyRow {
  id: string;
  organization_id: string;
  name: string;
  workspace_role: WorkspaceRole | null;
  administrator_roles: AdministratorRole[];
  scopes: ApiKeyScope[];
  allowed_networks: string[];
  responsible_id: string;
  expires_at: string;
  last_used_at: string | null;
}

export interface OrganizationRow {
  id: string;
  kind: OrganizationKind;
  name: string;
  slug: string;
  login_methods: ('sso' | 'password')[];
  foreign_sign_in: boolean;
  restricted_mode: boolean;
  disabled_features: string[];
  policy: Partial<Record<string, number>>;
  approval_assurance: ApprovalAssurance;
}

export interface RelationshipRow {
  id: string;
  partner_id: string;
  customer_id: string;
  origin: RelationshipOrigin;
  active_from: string;
  active_until: string | null;
}

export interface AssignmentRow {
  membership_id: string;
  partner_id: string;
  customer_id: string;
  source: 'assigned' | 'provisioned' | 'service_setup';
}

export interface GrantRow {
  id: string;
  areas: string[] | null;
  kind: TemporaryAccessKind;
  account_id: string;
  organization_id: string;
  partner_id: string;
  starts_at: string;
  expires_at: string;
  ended_at: string | null;
  used_at: string | null;
}

export interface AppointmentRow {
  id: string;
  membership_id: string;
  organization_id: string;
  account_id: string;
  founding: boolean;
  ended: boolean;
  backed_by: string[];
  partner_ids: string[];
}
