import { mayChangeOrganization, organizationSight, settings as knownSettings, type OrganizationField } from '#access';
import {
  durationPolicies,
  policyMinimum,
  policyOfKind,
  Refusal,
  type DurationPolicyName,
  type UpdateOrganization,
} from '#contracts';
import { seal } from '#identity';
import { Invite, Organization } from '#persistence';
import { LockMode } from '@mikro-orm/postgresql';
import type { Decision } from '../decision.ts';
import { renewLink } from '../invite/renew-link.ts';
import { lockRow } from '../lock.ts';
import { unconditionally, type Precondition } from '../precondition.ts';
import { refuseAct } from '../refuse-act.ts';
import { missingProof } from '../session/require-proof.ts';
import { requireSightFor } from './sight.ts';
import { viewOrganization } from './view.ts';

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

/** Who sets these sets who may decide, and how: a fresh proof where the organization asks for one. */
const assured: readonly (keyof UpdateOrganization)[] = ['policy', 'loginMethods', 'sso', 'domains'];

/** Changes an organization; every field is judged by itself, and one refusal refuses them all. */
export async function changeOrganization(
  decision: Decision,
  organizationId: string,
  input: UpdateOrganization,
  precondition: Precondition = unconditionally,
): Promise<Organization> {
  const { em, actor, settings } = decision;
  const organization = await lockRow(em, Organization, { id: organizationId });
  if (!organization) throw new Refusal('not_found');
  const now = await decision.now();
  const act = {
    action: 'organization.changed',
    organizationIds: [organizationId],
    subject: { kind: 'organization', id: organizationId },
  };
  const { subject, target } = await requireSightFor(act, em, actor, organizationId, organizationSight, now);
  const changed = (Object.keys(input) as (keyof UpdateOrganization)[]).filter((field) => input[field] !== undefined);
  let by = '';
  for (const field of changed) {
    const ruling = mayChangeOrganization(subject, target, fields[field], now);
    if (!ruling.allowed) return refuseAct(act, ruling.code);
    by = ruling.by;
  }
  // Whoever asks for nothing is answered what they may read anyway.
  if (changed.length === 0 && organizationSight(subject, target, now) !== 'seen') throw new Refusal('forbidden');
  await precondition(async () => viewOrganization(organization));
  if (changed.length === 0) return organization;
  if (changed.some((field) => assured.includes(field))) {
    const missing = await missingProof(decision, organizationId, now);
    if (missing) return refuseAct(act, 'step_up_required', missing);
  }
  requireWayIn(organization, input);

  if (input.name !== undefined) organization.name = input.name;
  if (input.domains !== undefined) organization.domains = input.domains;
  if (input.policy) {
    const { approvalAssurance, ...durations } = input.policy;
    organization.policy = {
      ...organization.policy,
      ...checkedPolicy(durations, organization.kind, settings.minimumDurationSeconds),
    };
    organization.approvalAssurance = approvalAssurance ?? organization.approvalAssurance;
  }
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
    ...act,
    by,
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

/** A tenant on single sign-on alone that has none locks itself out; only its creation may run ahead of the settings. */
function requireWayIn(organization: Organization, { loginMethods, sso }: UpdateOrganization): void {
  const before = organization.loginMethods;
  const allowed = loginMethods ?? before;
  const provider = sso === undefined ? organization.sso : sso;
  const unchanged = sameMethods(allowed, before) && (provider === null) === (organization.sso === null);
  if (unchanged || provider || allowed.includes('password')) return;
  throw new Refusal('invalid_request', {
    errors: [
      {
        pointer: loginMethods ? '/loginMethods' : '/sso',
        message: 'Nobody could sign in: send the settings of your identity provider in `sso`, or keep `password`',
      },
    ],
  });
}

function checkedPolicy(
  policy: Omit<NonNullable<UpdateOrganization['policy']>, 'approvalAssurance'>,
  kind: Organization['kind'],
  deploymentMinimumSeconds: number,
) {
  for (const [name, seconds] of Object.entries(policy) as [DurationPolicyName, number][]) {
    if ((policyOfKind[name] ?? kind) !== kind) {
      const message = `Set by a ${policyOfKind[name]}: it holds for the requests of its own people`;
      throw new Refusal('invalid_request', { errors: [{ pointer: `/policy/${name}`, message }] });
    }
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
