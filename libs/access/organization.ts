/** Creating organizations and changing what they are. */
import { access } from './effective-access.ts';
import { matricesInForce, type Matrices } from './role-matrix.ts';
import { isActive } from './relationship.ts';
import type { AdministratorRole, WorkspaceRole } from './roles.ts';
import { allowed, refused, rulingOf } from './ruling.ts';
import { holdsAtHome, holdsWorkspaceRoleAtHome, homeMembershipsIn, isSupport, liveMemberships } from './standing.ts';
import type { OrganizationKind, Ruling, Subject, TargetOrganization } from './subject.ts';

const support = (subject: Subject, now: Date): Ruling =>
  isSupport(subject, now) ? allowed('support') : refused('support_only');

/** The support team creates partners and customers; there is one platform, and consumers are nobody's tenant. */
export function mayCreateOrganization(subject: Subject, kind: OrganizationKind, now: Date): Ruling {
  return kind === 'partner' || kind === 'customer' ? support(subject, now) : refused('kind_not_created');
}

/** Under a partner: whoever may create customers there. */
export function mayCreateCustomer(
  subject: Subject,
  partner: TargetOrganization,
  now: Date,
  matrices: Matrices = matricesInForce(),
): Ruling {
  if (partner.kind !== 'partner') return refused('not_a_partner');
  return rulingOf(
    access(subject, partner, 'partner.create_customers', now, matrices),
    'write',
    'may_not_create_customers',
  );
}

/** A further partner for a customer is brought in by the support team. */
export function mayCreateRelationship(
  subject: Subject,
  partner: Pick<TargetOrganization, 'kind'>,
  customer: Pick<TargetOrganization, 'kind'>,
  now: Date,
): Ruling {
  // The right comes first: what the two are is nobody else's to learn.
  const right = support(subject, now);
  if (!right.allowed) return right;
  if (customer.kind !== 'customer') return refused('not_a_customer');
  return partner.kind === 'partner' ? right : refused('not_a_partner');
}

/** What the first person of an organization gets at acceptance. */
export const firstPersonRoles: Readonly<
  Record<'partner' | 'customer', { workspaceRole: WorkspaceRole; administratorRoles: readonly AdministratorRole[] }>
> = {
  customer: { workspaceRole: 'owner', administratorRoles: ['full_administrator'] },
  partner: { workspaceRole: 'owner', administratorRoles: ['full_administrator', 'partner_full_administrator'] },
};

/** Only support reissues the first invite: there is nobody else yet. */
export const mayReissueFirstInvite = (subject: Subject, now: Date): Ruling => support(subject, now);

/** Durations and the like: full administrators and Owners of the organization itself. */
export function mayChangePolicy(subject: Subject, target: TargetOrganization, now: Date): Ruling {
  if (holdsAtHome(subject, target.id, 'full_administrator', now)) return allowed('full_administrator');
  if (holdsWorkspaceRoleAtHome(subject, target.id, 'owner', now)) return allowed('owner');
  return refused('may_not_change_policy');
}

/**
 * Login methods, identity provider and domains are the tenant's own: its home Owners, whom restrictions do not cut, and
 * its home full administrators where they are not restricted. Neither a grant, nor an external administrator, nor a
 * partner: whoever changes how people prove who they are decides who decides.
 */
export function mayChangeAuthentication(
  subject: Subject,
  target: TargetOrganization,
  now: Date,
  matrices: Matrices = matricesInForce(),
): Ruling {
  if (holdsWorkspaceRoleAtHome(subject, target.id, 'owner', now)) return allowed('owner');
  if (holdsAtHome(subject, target.id, 'full_administrator', now)) {
    const setting = access(subject, target, 'organization.authentication', now, matrices);
    const ruling = rulingOf(setting, 'write', 'may_not_change_login_methods');
    return ruling.allowed ? allowed('full_administrator') : ruling;
  }
  const isHere = homeMembershipsIn(subject, target.id, now).length > 0;
  return refused(isHere ? 'may_not_change_login_methods' : 'authentication_is_the_tenants_own');
}

/**
 * Codes that let people in by password again, whatever has become of the provider: its home Owners make and keep them. A
 * full administrator has a way to change sign-in without.
 */
export function mayKeepRecoveryCodes(subject: Subject, target: TargetOrganization, now: Date): Ruling {
  if (holdsWorkspaceRoleAtHome(subject, target.id, 'owner', now)) return allowed('owner');
  const isHere = homeMembershipsIn(subject, target.id, now).length > 0;
  return refused(isHere ? 'may_not_change_login_methods' : 'authentication_is_the_tenants_own');
}

export type OrganizationField = 'name' | 'login_methods' | 'features' | 'policy';

/** Judges a change of one field of an organization. Which features a tenant has is not the tenant's to say. */
export function mayChangeOrganization(
  subject: Subject,
  target: TargetOrganization,
  field: OrganizationField,
  now: Date,
  matrices: Matrices = matricesInForce(),
): Ruling {
  const of = (setting: string) => access(subject, target, setting, now, matrices);
  const judgements: Readonly<Record<OrganizationField, () => Ruling>> = {
    name: () => rulingOf(of('account.company_name'), 'write', 'may_not_change_name'),
    login_methods: () => mayChangeAuthentication(subject, target, now, matrices),
    features: () => support(subject, now),
    policy: () => mayChangePolicy(subject, target, now),
  };
  return judgements[field]();
}

/**
 * Whether the subject has to do with the organization: their own, one their partner has a relationship with, and for
 * the support team every one. Whether they see it is another question.
 */
export const knowsOrganization = (subject: Subject, target: TargetOrganization, now: Date): boolean =>
  isSupport(subject, now) ||
  liveMemberships(subject, now).some(
    ({ organizationId }) =>
      organizationId === target.id ||
      target.relationships.some(
        (relationship) => relationship.partnerId === organizationId && isActive(relationship, now),
      ),
  );
