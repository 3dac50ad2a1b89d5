/** Domain 4c and 4d: assigning administrator roles and customers, ending relationships, restricted administrator mode. */
import { access } from './effective-access.ts';
import { entitlements } from './entitlements.ts';
import { mayManageExternalAdministrators } from './external-administrator.ts';
import { mayMakeExternalFull } from './independence.ts';
import { activeRelationship, provisionedBy } from './relationship.ts';
import { matricesInForce, type Matrices } from './role-matrix.ts';
import { isPartnerRole, type AdministratorRole } from './roles.ts';
import { allowed, anyRuling, refused, rulingOf } from './ruling.ts';
import { holdsAtHome, partnerMemberships, partnerRoleHeld } from './standing.ts';
import type { Membership, Relationship, Ruling, Subject, TargetMember, TargetOrganization } from './subject.ts';

/** Whether the organization would be left without a home full administrator. */
export const losesLastFullAdministrator = (member: TargetMember, to: readonly AdministratorRole[]): boolean =>
  member.isLastFullAdministrator &&
  member.membership.administratorRoles.includes('full_administrator') &&
  !to.includes('full_administrator');

const externalRoles: readonly AdministratorRole[] = ['full_administrator', 'read_only_administrator'];

/**
 * External administrators hold full or read-only, and only the organization's own full administrators change that. To
 * make one full is to approve again: it takes somebody who owes the office to no partner.
 */
function externalMember(
  subject: Subject,
  target: TargetOrganization,
  { administratorRoles: from }: Membership,
  to: readonly AdministratorRole[],
  now: Date,
): Ruling {
  const ruling = mayManageExternalAdministrators(subject, target.id, now);
  if (!ruling.allowed) return ruling;
  if (!to.every((role) => externalRoles.includes(role))) return refused('role_not_available');
  const becomesFull = to.includes('full_administrator') && !from.includes('full_administrator');
  return becomesFull ? mayMakeExternalFull(subject, target, now) : ruling;
}

/**
 * Judges the change of an existing member's administrator roles from what they are to `to`. Full administrators and,
 * on the partner side, partner full administrators assign; one gives roles to others, never to oneself.
 */
export function mayAssignAdministratorRoles(
  subject: Subject,
  target: TargetOrganization,
  member: TargetMember,
  to: readonly AdministratorRole[],
  now: Date,
  matrices: Matrices = matricesInForce(),
): Ruling {
  const { membership } = member;
  const gained = to.filter((role) => !membership.administratorRoles.includes(role));
  if (membership.kind === 'external') return externalMember(subject, target, membership, to, now);
  const code = 'may_not_assign_administrator_roles';
  const right = anyRuling(
    rulingOf(access(subject, target, 'assign_administrator_roles', now, matrices), 'write', code),
    () => rulingOf(access(subject, target, 'partner.assign_administrator_roles', now, matrices), 'write', code),
  );
  if (!right.allowed) return right;
  if (target.kind !== 'partner' && gained.some(isPartnerRole)) return refused('partner_role_outside_partner');
  if (subject.accountId === member.accountId && gained.length > 0) return refused('own_role');
  return losesLastFullAdministrator(member, to) ? refused('last_full_administrator') : right;
}

/** A partner full administrator assigns customers to partner administrators; nobody else does. */
export function mayAssignCustomers(
  subject: Subject,
  partnerId: string,
  member: TargetMember,
  customers: readonly TargetOrganization[],
  now: Date,
): Ruling {
  const role = partnerRoleHeld(subject, partnerId, ['partner_full_administrator'], now);
  if (role === null) return refused('not_partner_full_administrator');
  const { administratorRoles, kind, organizationId } = member.membership;
  if (organizationId !== partnerId || kind !== 'home' || !administratorRoles.includes('partner_administrator'))
    return refused('member_not_partner_administrator');
  const kept = member.membership.assignedCustomerIds;
  // What was assigned before may stay on the list: a relationship that rests gives no access anyway.
  const foreign = customers.some(
    (customer) => !kept.includes(customer.id) && provisionedBy(customer, partnerId, now) === null,
  );
  return foreign ? refused('no_provisioned_relationship') : allowed(role);
}

/** What stands behind a customer on somebody's list, and which of the partner's roles each needs to stay there. */
export type AssignmentSource = 'assigned' | 'provisioned' | 'service_setup';

const rolesBehind = {
  assigned: ['partner_administrator'],
  provisioned: ['partner_administrator'],
  service_setup: ['partner_full_administrator', 'partner_administrator'],
} as const satisfies Record<AssignmentSource, readonly AdministratorRole[]>;

/** Whether a customer stays on the person's list: it goes with the role that it needs and with the relationship. */
export function keepsAssignment(
  subject: Subject,
  partnerId: string,
  source: AssignmentSource,
  target: TargetOrganization,
  now: Date,
): boolean {
  const origin = source === 'service_setup' ? undefined : 'provisioned';
  return (
    partnerRoleHeld(subject, partnerId, rolesBehind[source], now) !== null &&
    activeRelationship(target, partnerId, now, origin) !== null
  );
}

/**
 * Setting up services for an organization that exists already and has a relationship with the partner makes the
 * derived provisioning administrator. It needs a partner-level role and lasting write access: an hour's grant would
 * otherwise turn into a role for good.
 */
export function maySetUpServices(
  subject: Subject,
  partnerId: string,
  target: TargetOrganization,
  now: Date,
  matrices: Matrices = matricesInForce(),
): Ruling {
  if (target.kind !== 'customer') return refused('not_a_customer');
  const role = partnerRoleHeld(subject, partnerId, rolesBehind.service_setup, now);
  if (role === null) return refused('not_partner_level_administrator');
  if (activeRelationship(target, partnerId, now) === null) return refused('no_provisioned_relationship');
  const lasting = entitlements(subject, target, 'licences_and_upgrades', now, matrices).find(
    ({ level, reason }) => level === 'write' && reason.kind === 'role',
  );
  return lasting ? allowed(lasting.reason.id) : refused('not_partner_level_administrator');
}

/** The partners in whose name the subject may set up services. */
export const serviceSetupPartners = (subject: Subject, target: TargetOrganization, now: Date): string[] =>
  partnerMemberships(subject, now)
    .map(({ organizationId }) => organizationId)
    .filter((partnerId) => maySetUpServices(subject, partnerId, target, now).allowed);

/** Full administrators of either side may end a relationship. */
export const mayEndRelationship = (subject: Subject, { partnerId, customerId }: Relationship, now: Date): Ruling =>
  [partnerId, customerId].some((id) => holdsAtHome(subject, id, 'full_administrator', now))
    ? allowed('full_administrator')
    : refused('not_full_administrator');

/** The organization's own people see its relationships as far as they see its settings. */
export const maySeeRelationships = (
  subject: Subject,
  target: TargetOrganization,
  now: Date,
  matrices: Matrices = matricesInForce(),
): Ruling => rulingOf(access(subject, target, 'organization_settings', now, matrices), 'read', 'forbidden');

/** Only partner-level administrators switch it: partner full, and partner administrators for their customers. */
export function maySwitchRestrictedMode(subject: Subject, target: TargetOrganization, now: Date): Ruling {
  const ruling = ownRightToSwitch(subject, target, now);
  return ruling.allowed && subject.onBehalfOf ? ownRightToSwitch(subject.onBehalfOf, target, now) : ruling;
}

function ownRightToSwitch(subject: Subject, target: TargetOrganization, now: Date): Ruling {
  if (target.kind !== 'customer') return refused('not_a_customer');
  const standings = partnerMemberships(subject, now).filter(
    ({ organizationId }) => provisionedBy(target, organizationId, now) !== null,
  );
  if (standings.some(({ administratorRoles }) => administratorRoles.includes('partner_full_administrator')))
    return allowed('partner_full_administrator');
  const assigned = standings.some(
    ({ administratorRoles, assignedCustomerIds }) =>
      administratorRoles.includes('partner_administrator') && assignedCustomerIds.includes(target.id),
  );
  return assigned ? allowed('partner_administrator') : refused('not_partner_level_administrator');
}

export type CustomerList = { scope: 'all' } | { scope: 'some'; customerIds: readonly string[] } | { scope: 'none' };

/**
 * Which of the partner's customers the subject lists; needs no help-desk session. The caller still shows only those
 * with an active provisioned relationship.
 */
export function listedCustomers(
  subject: Subject,
  partnerId: string,
  now: Date,
  matrices: Matrices = matricesInForce(),
): CustomerList {
  const own = ownList(subject, partnerId, now, matrices);
  return subject.onBehalfOf ? onBoth(own, ownList(subject.onBehalfOf, partnerId, now, matrices)) : own;
}

function onBoth(one: CustomerList, other: CustomerList): CustomerList {
  if (one.scope === 'all') return other;
  if (other.scope === 'all' || one.scope === 'none') return one;
  if (other.scope === 'none') return other;
  return { scope: 'some', customerIds: one.customerIds.filter((id) => other.customerIds.includes(id)) };
}

function ownList(subject: Subject, partnerId: string, now: Date, matrices: Matrices): CustomerList {
  const row = matrices.customer_list.rows.customer_list;
  const standings = partnerMemberships(subject, now).filter(({ organizationId }) => organizationId === partnerId);
  const levels = standings.flatMap(({ administratorRoles }) =>
    administratorRoles.filter(isPartnerRole).map((role) => row[role].level),
  );
  if (levels.includes('all')) return { scope: 'all' };
  const assigned = levels.includes('assigned') ? standings.flatMap((standing) => standing.assignedCustomerIds) : [];
  const customerIds = [...new Set([...assigned, ...standings.flatMap((standing) => standing.provisioningCustomerIds)])];
  return customerIds.length > 0 ? { scope: 'some', customerIds } : { scope: 'none' };
}
