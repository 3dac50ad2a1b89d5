/** Domain 6: one person of a partner administers a customer by that customer's approval. */
import { isEligibleApprover, type ApprovalParties } from './approval.ts';
import { access } from './effective-access.ts';
import { entitlements } from './entitlements.ts';
import { isActive, provisionedBy } from './relationship.ts';
import { matricesInForce, type Matrices } from './role-matrix.ts';
import type { AdministratorRole, DerivedRole, OrganizationRole } from './roles.ts';
import { allowed, everyRuling, refused, rulingOf } from './ruling.ts';
import { areas } from './settings.ts';
import {
  asHeld,
  heldMemberships,
  holdsAtHome,
  liveMembershipsIn,
  partnerMemberships,
  partnerRoleHeld,
} from './standing.ts';
import type { Ruling, Subject, TargetOrganization } from './subject.ts';

/**
 * Whether somebody of a partner can sign in to what a customer approves: by the sign-in of the partner, which opens it
 * while the customer allows foreign sign-in, or by a password of their own where the customer lets people in by one.
 */
export const externalSignInIsPossible = (
  customer: { loginMethods: readonly ('sso' | 'password')[]; foreignSignIn: boolean },
  { hasPassword }: { hasPassword: boolean },
): boolean => customer.foreignSignIn || (hasPassword && customer.loginMethods.includes('password'));

/** By all that is held. Temporary access is not counted: who helps for an hour does not administer the customer. */
function administersAlready(subject: Subject, target: TargetOrganization, now: Date, matrices: Matrices): boolean {
  const held = asHeld(subject);
  const lasting = areas.some((area) =>
    entitlements(held, target, area, now, matrices).some(({ reason }) => reason.kind === 'role'),
  );
  return lasting || liveMembershipsIn(held, target.id, now).some(({ kind }) => kind === 'home');
}

const askingRoles = ['partner_full_administrator', 'partner_administrator'] as const;

/** The partners in whose name the subject may ask; the request names one where there are several. */
export const externalAdministrationPartners = (subject: Subject, now: Date): string[] =>
  partnerMemberships(subject, now)
    .map(({ organizationId }) => organizationId)
    .filter((partnerId) => partnerRoleHeld(subject, partnerId, askingRoles, now) !== null);

/**
 * Who may ask: a partner administrator, full or not, who has no lasting access to the customer. Without a target, where
 * nobody knows the named customer, what is left is judged: the requester.
 */
export function mayRequestExternalAdministration(
  subject: Subject,
  partnerId: string,
  target: TargetOrganization | null,
  now: Date,
  matrices: Matrices = matricesInForce(),
): Ruling {
  const role = partnerRoleHeld(subject, partnerId, askingRoles, now);
  if (role === null) return refused('not_partner_administrator');
  if (target !== null && target.kind !== 'customer') return refused('not_a_customer');
  const eligible = mayBecomeExternalAdministrator(subject, now);
  if (!eligible.allowed) return eligible;
  return target !== null && administersAlready(subject, target, now, matrices)
    ? refused('has_access_already')
    : allowed(role);
}

/** People of the consumer organization cannot be added, whether a membership or the account itself says so. */
export const mayBecomeExternalAdministrator = (
  candidate: Subject,
  now: Date,
  account: { consumer: boolean } = { consumer: false },
): Ruling =>
  account.consumer || heldMemberships(candidate, now).some(({ organizationKind }) => organizationKind === 'consumer')
    ? refused('consumer_account')
    : allowed('candidate');

export type ExternalAdministratorRole =
  Extract<OrganizationRole, 'full_administrator' | 'read_only_administrator'> | DerivedRole;

const externalAdministratorRoleIds: readonly ExternalAdministratorRole[] = [
  'full_administrator',
  'read_only_administrator',
  'provisioning_administrator',
];

export const isExternalAdministratorRole = (role: string): role is ExternalAdministratorRole =>
  (externalAdministratorRoleIds as readonly string[]).includes(role);

/** Which roles the approver chooses from: it depends on whether the requester's partner manages the subscription. */
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

/** Whose request it is, and by which addresses the approver may know them. */
export interface ExternalAdministratorRequest extends ApprovalParties {
  partnerId: string;
  /** The requester's e-mail address and aliases. */
  requesterEmails: readonly string[];
}

export interface ExternalAdministratorChoice {
  /** Typed by the approver, who thereby verifies who asks. */
  email: string;
  role: string;
  until?: Date | null;
}

/** How many full administrators are told of a request, beside the addressed one. */
export const mostAdministratorsToTell = 5;

/** Who gets the mail: the addressed administrator first, then at most five of the others, in the order given. */
export const administratorsToTell = (eligible: readonly string[], addressed: string | null): string[] => {
  const first = eligible.filter((accountId) => accountId === addressed);
  return [...first, ...eligible.filter((accountId) => accountId !== addressed).slice(0, mostAdministratorsToTell)];
};

const sameAddress = (one: string, other: string) => one.trim().toLowerCase() === other.trim().toLowerCase();

/** Judges approver and choice together. */
export function mayApproveExternalAdministrator(
  subject: Subject,
  target: TargetOrganization,
  request: ExternalAdministratorRequest,
  choice: ExternalAdministratorChoice,
  now: Date,
): Ruling {
  const approver = isEligibleApprover(subject, request, now);
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

/** Listing, adding, changing and removing: the customer's own full administrators, never an external one. */
export function mayManageExternalAdministrators(subject: Subject, customerId: string, now: Date): Ruling {
  if (holdsAtHome(subject, customerId, 'full_administrator', now)) return allowed('full_administrator');
  const isExternal = liveMembershipsIn(subject, customerId, now).some(({ kind }) => kind === 'external');
  return refused(isExternal ? 'external_administrator' : 'not_full_administrator');
}

/**
 * External administrators add no external administrators, by no back door either: as one, nobody gives administrator
 * roles to a person who works for a partner. What the subject may by another standing, they may. `right` is the right
 * that was found to give the roles.
 */
export function mayMakeAdministratorOf(
  subject: Subject,
  target: TargetOrganization,
  person: { worksForPartner: boolean },
  gained: readonly AdministratorRole[],
  now: Date,
  right: Ruling,
  matrices: Matrices = matricesInForce(),
): Ruling {
  if (!right.allowed) return right;
  const isExternal = liveMembershipsIn(asHeld(subject), target.id, now).some(({ kind }) => kind === 'external');
  if (!isExternal || !person.worksForPartner || gained.length === 0) return right;
  const memberships = subject.memberships.filter(
    ({ organizationId, kind }) => organizationId !== target.id || kind !== 'external',
  );
  const beside = access({ ...subject, memberships }, target, 'assign_administrator_roles', now, matrices);
  return rulingOf(beside, 'write', 'external_administrator');
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
