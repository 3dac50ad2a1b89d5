/** Domain 6: one person of a partner administers a customer by that customer's approval. */
import { entitlements } from './entitlements.ts';
import { isActive, provisionedBy } from './relationships.ts';
import { defaultMatrices, type Matrices } from './role-matrix.ts';
import type { DerivedRole, OrganizationRole } from './roles.ts';
import { allowed, everyRuling, refused } from './ruling.ts';
import { areas } from './settings.ts';
import { holdsAtHome, liveMemberships, liveMembershipsIn, partnerRoleHeld } from './standing.ts';
import type { Ruling, Subject, TargetOrganization } from './subject.ts';
import type { Transitions } from './transitions.ts';

export const externalAdministratorRequestStatuses = ['pending', 'approved', 'denied', 'cancelled', 'expired'] as const;
export type ExternalAdministratorRequestStatus = (typeof externalAdministratorRequestStatuses)[number];

export const externalAdministratorRequestTransitions: Transitions<ExternalAdministratorRequestStatus> = {
  pending: ['approved', 'denied', 'cancelled', 'expired'],
  approved: [],
  denied: [],
  cancelled: [],
  expired: [],
};

/** Temporary access is not counted: who helps for an hour does not administer the customer. */
function administersAlready(subject: Subject, target: TargetOrganization, now: Date, matrices: Matrices): boolean {
  const lasting = areas.some((area) =>
    entitlements(subject, target, area, now, matrices).some(({ reason }) => reason.kind === 'role'),
  );
  return lasting || liveMembershipsIn(subject, target.id, now).some(({ kind }) => kind === 'home');
}

/** Who may ask: a partner administrator, full or not, who has no lasting access to the customer. */
export function mayRequestExternalAdministration(
  subject: Subject,
  partnerId: string,
  target: TargetOrganization,
  now: Date,
  matrices: Matrices = defaultMatrices,
): Ruling {
  const role = partnerRoleHeld(subject, partnerId, ['partner_full_administrator', 'partner_administrator'], now);
  if (role === null) return refused('not_partner_administrator');
  if (target.kind !== 'customer') return refused('not_a_customer');
  const eligible = mayBecomeExternalAdministrator(subject, now);
  if (!eligible.allowed) return eligible;
  return administersAlready(subject, target, now, matrices) ? refused('has_access_already') : allowed(role);
}

/** People of the consumer organization cannot be added. */
export const mayBecomeExternalAdministrator = (candidate: Subject, now: Date): Ruling =>
  liveMemberships(candidate, now).some(({ organizationKind }) => organizationKind === 'consumer')
    ? refused('consumer_account')
    : allowed('candidate');

export type ExternalAdministratorRole =
  Extract<OrganizationRole, 'full_administrator' | 'read_only_administrator'> | DerivedRole;

/** Which roles the approver chooses from: it depends on whether the asker's partner manages the subscription. */
const rolesToChoose = {
  provisioned: ['full_administrator', 'provisioning_administrator'],
  otherwise: ['full_administrator', 'read_only_administrator'],
} as const satisfies Record<string, readonly ExternalAdministratorRole[]>;

export const externalAdministratorRoles = (
  target: TargetOrganization,
  partnerId: string,
  now: Date,
): readonly ExternalAdministratorRole[] =>
  rolesToChoose[provisionedBy(target, partnerId, now) ? 'provisioned' : 'otherwise'];

export interface ExternalAdministratorRequest {
  requesterAccountId: string;
  partnerId: string;
  /** The asker's e-mail address and aliases. */
  requesterEmails: readonly string[];
}

export interface ExternalAdministratorChoice {
  /** Typed by the approver, who thereby verifies who asks. */
  email: string;
  role: string;
  until?: Date | null;
}

/** Approving and denying alike: home full administrators only, an external administrator approves nothing. */
export function isEligibleExternalAdministratorApprover(
  candidate: Subject,
  { requesterAccountId }: { requesterAccountId: string },
  customerId: string,
  now: Date,
): Ruling {
  if (candidate.accountId === requesterAccountId) return refused('approver_is_requester');
  return holdsAtHome(candidate, customerId, 'full_administrator', now)
    ? allowed('full_administrator')
    : refused('approver_not_full_administrator');
}

const sameAddress = (one: string, other: string) => one.trim().toLowerCase() === other.trim().toLowerCase();

/** Judges approver and choice together. */
export function mayApproveExternalAdministrator(
  subject: Subject,
  target: TargetOrganization,
  request: ExternalAdministratorRequest,
  choice: ExternalAdministratorChoice,
  now: Date,
): Ruling {
  const approver = isEligibleExternalAdministratorApprover(subject, request, target.id, now);
  return everyRuling(
    approver,
    () =>
      request.requesterEmails.some((email) => sameAddress(email, choice.email))
        ? approver
        : refused('address_not_confirmed'),
    () =>
      externalAdministratorRoles(target, request.partnerId, now).some((role) => role === choice.role)
        ? approver
        : refused('role_not_available'),
    () => (choice.until && choice.until <= now ? refused('invalid_request') : approver),
  );
}

export const mayCancelExternalAdministratorRequest = (
  subject: Subject,
  { requesterAccountId }: { requesterAccountId: string },
): Ruling => (subject.accountId === requesterAccountId ? allowed('requester') : refused('not_your_request'));

/** Listing, adding, changing and removing: the customer's own full administrators, never an external one. */
export function mayManageExternalAdministrators(subject: Subject, customerId: string, now: Date): Ruling {
  if (holdsAtHome(subject, customerId, 'full_administrator', now)) return allowed('full_administrator');
  const isExternal = liveMembershipsIn(subject, customerId, now).some(({ kind }) => kind === 'external');
  return refused(isExternal ? 'external_administrator' : 'not_full_administrator');
}

/** What attaching without approval looks at. */
export interface CustomerToAttach {
  users: number;
  verifiedDomains: number;
  claimedDomains: number;
  activeLicences: number;
}

const attachmentConditions: readonly { code: string; holds: (customer: CustomerToAttach) => boolean }[] = [
  { code: 'customer_too_large', holds: ({ users }) => users < 100 },
  { code: 'customer_has_verified_domain', holds: ({ verifiedDomains }) => verifiedDomains === 0 },
  { code: 'customer_has_claimed_domain', holds: ({ claimedDomains }) => claimedDomains === 0 },
];

/** Attaching at once, with notice: only where the deployment allows it, and only to a small customer without partner. */
export function mayAttachWithoutApproval(
  deploymentAllows: boolean,
  target: TargetOrganization,
  customer: CustomerToAttach,
  now: Date,
): Ruling {
  if (!deploymentAllows) return refused('approval_required');
  if (target.relationships.some((relationship) => isActive(relationship, now))) return refused('customer_has_partner');
  const failed = attachmentConditions.find(({ holds }) => !holds(customer));
  return failed ? refused(failed.code) : allowed('deployment_policy');
}

export const attachmentRole = ({ activeLicences }: CustomerToAttach): ExternalAdministratorRole =>
  activeLicences === 0 ? 'full_administrator' : 'provisioning_administrator';
