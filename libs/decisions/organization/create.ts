import { firstPersonRoles, mayCreateCustomer, mayCreateOrganization, isSupport } from '#access';
import { Refusal, type CreateCustomer, type CreateOrganization } from '#contracts';
import { CustomerAssignment, loadTarget, Organization, Relationship, type Invite } from '#persistence';
import type { Decision } from '../decision.ts';
import { openInvite } from '../invite/open.ts';
import { sealedSettings } from './change-authentication.ts';
import { refuseAct } from '../refuse-act.ts';
import { subjectOf } from '../subject-of.ts';
import { toldOfOrganization, toldOfRelationship } from '../standing-told.ts';

export interface CreatedOrganization {
  organization: Organization;
  firstInvite: Invite;
  relationship: Relationship | null;
}

/** The support team creates an organization and invites its first person. */
export async function createOrganization(decision: Decision, input: CreateOrganization): Promise<CreatedOrganization> {
  const now = await decision.now();
  const ruling = mayCreateOrganization(await subjectOf(decision.em, decision.actor), input.kind, now);
  if (!ruling.allowed) {
    // The support team's own trail tells who tried.
    const platform = await decision.em.findOneOrFail(Organization, { kind: 'platform' });
    return refuseAct(
      {
        action: 'organization.created',
        organizationIds: [platform.id],
        subject: { kind: 'organization', id: platform.id },
      },
      ruling.code,
    );
  }
  return { ...(await create(decision, input, [], ruling.by, now)), relationship: null };
}

/**
 * A partner creates a customer; the provisioned relationship is made with it, and a partner administrator who is not
 * partner full administrator has the customer on their list from then on. The caller runs this as the system: the
 * new customer is in nobody's reach before it exists.
 */
export async function createCustomer(
  decision: Decision,
  partnerId: string,
  input: CreateCustomer,
): Promise<CreatedOrganization> {
  const { em, actor } = decision;
  const now = await decision.now();
  const subject = await subjectOf(em, actor);
  const partner = await loadTarget(em, partnerId);
  const belongs = subject.memberships.some((membership) => membership.organizationId === partnerId);
  if (partner?.kind !== 'partner' || (!belongs && !isSupport(subject, now))) throw new Refusal('not_found');
  const ruling = isSupport(subject, now)
    ? mayCreateOrganization(subject, 'customer', now)
    : mayCreateCustomer(subject, partner, now);
  if (!ruling.allowed) {
    return refuseAct(
      {
        action: 'organization.created',
        organizationIds: [partnerId],
        subject: { kind: 'organization', id: partnerId },
      },
      ruling.code,
    );
  }

  const created = await create(decision, { ...input, kind: 'customer' }, [partnerId], ruling.by, now);
  const relationship = em.create(Relationship, {
    partnerId,
    customerId: created.organization.id,
    origin: 'provisioned',
    activeFrom: now,
  });
  await em.flush();
  const creator = subject.memberships.find((membership) => membership.organizationId === partnerId);
  const assignment = creator?.administratorRoles.includes('partner_administrator') && {
    membershipId: creator.id,
    partnerId,
    customerId: created.organization.id,
    source: 'provisioned' as const,
  };
  decision.record({
    action: 'relationship.began',
    by: ruling.by,
    organizationIds: [partnerId, created.organization.id],
    subject: { kind: 'relationship', id: relationship.id },
    facts: { origin: relationship.origin },
    standing: {
      relationships: [toldOfRelationship(relationship)],
      ...(assignment && { assignments: [{ ...assignment, accountId: subject.accountId }] }),
    },
    at: now,
  });
  if (assignment) em.create(CustomerAssignment, assignment);
  return { ...created, relationship };
}

async function create(
  decision: Decision,
  input: CreateOrganization,
  seenBy: string[],
  by: string,
  now: Date,
): Promise<{ organization: Organization; firstInvite: Invite }> {
  const { em, settings } = decision;
  // Nobody could ever come in.
  if (!input.sso && !input.loginMethods.includes('password')) {
    throw new Refusal('provider_settings_required');
  }
  if (input.sso?.emailVerified === 'trusted') throw new Refusal('domain_not_proven');
  const organization = em.create(Organization, {
    kind: input.kind,
    name: input.name,
    slug: input.slug,
    loginMethods: input.loginMethods,
    ssoEnabledAt: input.loginMethods.includes('sso') ? now : null,
    sso: input.sso ? sealedSettings(settings.sealingKeys, input.sso) : null,
    domains: input.domains ?? [],
    createdAt: now,
  });
  await em.flush();
  decision.record({
    action: 'organization.created',
    by,
    organizationIds: [organization.id, ...seenBy],
    subject: { kind: 'organization', id: organization.id },
    facts: { kind: organization.kind, slug: organization.slug, loginMethods: organization.loginMethods },
    standing: { organizations: [toldOfOrganization(organization)] },
    at: now,
  });
  const roles = firstPersonRoles[input.kind];
  const firstInvite = await openInvite(decision, organization, {
    email: input.firstAdministrator.email,
    displayName: input.firstAdministrator.displayName,
    workspaceRole: roles.workspaceRole,
    administratorRoles: [...roles.administratorRoles],
    scope: { kind: 'client' },
    appTray: { botBuilder: [], applications: [] },
    invitedById: null,
    now,
  });
  return { organization, firstInvite };
}
