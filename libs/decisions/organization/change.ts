import { mayChangeOrganization, settings as knownSettings, type OrganizationField } from '#access';
import { durationPolicies, policyMinimum, Refusal, type DurationPolicyName, type UpdateOrganization } from '#contracts';
import { seal } from '#identity';
import { Invite, loadTarget, Organization } from '#persistence';
import { LockMode } from '@mikro-orm/postgresql';
import type { Decision } from '../decision.ts';
import { renewLink } from '../invite/renew-link.ts';
import { lockRow } from '../lock.ts';
import { refuseAct } from '../refuse-act.ts';
import { subjectOf } from '../subject-of.ts';

/** Which right each field of the request needs. */
const fields: Readonly<Record<keyof UpdateOrganization, OrganizationField>> = {
  name: 'name',
  loginMethods: 'login_methods',
  sso: 'login_methods',
  domains: 'login_methods',
  features: 'features',
  // As with features: what was bought is not the tenant's to say.
  subscription: 'features',
  policy: 'policy',
};

/** Changes an organization; every field is judged by itself, and one refusal refuses them all. */
export async function changeOrganization(
  decision: Decision,
  organizationId: string,
  input: UpdateOrganization,
): Promise<Organization> {
  const { em, actor, settings } = decision;
  const organization = await lockRow(em, Organization, { id: organizationId });
  const target = await loadTarget(em, organizationId);
  if (!organization || !target) throw new Refusal('not_found');
  const now = await decision.now();
  const subject = await subjectOf(em, actor);
  const changed = (Object.keys(input) as (keyof UpdateOrganization)[]).filter((field) => input[field] !== undefined);
  let by = '';
  for (const field of changed) {
    const ruling = mayChangeOrganization(subject, target, fields[field], now);
    if (!ruling.allowed) {
      return refuseAct(
        {
          action: 'organization.changed',
          organizationIds: [organizationId],
          subject: { kind: 'organization', id: organizationId },
        },
        ruling.code,
      );
    }
    by = ruling.by;
  }

  if (input.name !== undefined) organization.name = input.name;
  if (input.domains !== undefined) organization.domains = input.domains;
  if (input.policy)
    organization.policy = { ...organization.policy, ...checkedPolicy(input.policy, settings.minimumDurationSeconds) };
  if (input.features) organization.disabledFeatures = disabledAfter(organization.disabledFeatures, input.features);
  if (input.subscription) {
    organization.userCount = input.subscription.userCount ?? organization.userCount;
    organization.hasActiveLicence = input.subscription.hasActiveLicence ?? organization.hasActiveLicence;
  }
  if (input.sso !== undefined) {
    organization.sso = input.sso && {
      issuer: input.sso.issuer,
      clientId: input.sso.clientId,
      sealedClientSecret: seal(settings.sealingKey, input.sso.clientSecret),
      activationUrl: input.sso.activationUrl ?? null,
    };
  }
  if (input.loginMethods && !sameMethods(input.loginMethods, organization.loginMethods)) {
    organization.loginMethods = input.loginMethods;
    if (input.loginMethods.includes('sso')) organization.ssoEnabledAt ??= now;
    // What was mailed is no longer right: old links are void, and the invites' workflows send what is.
    const open = await em.find(
      Invite,
      { organizationId, status: { $in: ['pending', 'failed'] }, expiresAt: { $gt: now } },
      { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' }, refresh: true },
    );
    for (const invite of open) await renewLink(decision, invite);
  }
  decision.record({
    action: 'organization.changed',
    by,
    organizationIds: [organizationId],
    subject: { kind: 'organization', id: organizationId },
    facts: {
      fields: changed,
      ...(input.policy && { policy: input.policy }),
      ...(input.loginMethods && { loginMethods: input.loginMethods }),
      ...(input.features && { features: input.features }),
    },
    at: now,
  });
  await em.flush();
  return organization;
}

function checkedPolicy(policy: NonNullable<UpdateOrganization['policy']>, deploymentMinimumSeconds: number) {
  for (const [name, seconds] of Object.entries(policy) as [DurationPolicyName, number][]) {
    const { maximumSeconds } = durationPolicies[name];
    const minimumSeconds = policyMinimum(name, deploymentMinimumSeconds);
    const errors = [{ pointer: `/policy/${name}`, message: `${minimumSeconds} to ${maximumSeconds} seconds` }];
    if (seconds > maximumSeconds) throw new Refusal('duration_above_policy', { maximumSeconds, errors });
    if (seconds < minimumSeconds) throw new Refusal('duration_below_minimum', { minimumSeconds, errors });
  }
  return policy;
}

function disabledAfter(disabled: readonly string[], features: Record<string, boolean>): string[] {
  const unknown = Object.keys(features).filter((feature) => !(knownSettings as readonly string[]).includes(feature));
  if (unknown.length > 0) {
    throw new Refusal('unknown_setting', {
      errors: unknown.map((feature) => ({ pointer: `/features/${feature}`, message: 'No such feature' })),
    });
  }
  const off = new Set(disabled);
  for (const [feature, isOn] of Object.entries(features)) {
    if (isOn) off.delete(feature);
    else off.add(feature);
  }
  return [...off];
}

const sameMethods = (left: readonly string[], right: readonly string[]) =>
  left.length === right.length && left.every((method) => right.includes(method));
