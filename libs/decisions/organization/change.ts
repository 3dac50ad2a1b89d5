import { mayChangeOrganization, organizationSight, settings as knownSettings, type OrganizationField } from '#access';
import {
  durationPolicies,
  policyMinimum,
  policyOfKind,
  Refusal,
  type DurationPolicyName,
  type UpdateOrganization,
} from '#contracts';
import { Organization } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { unconditionally, type Precondition } from '../precondition.ts';
import { refuseAct } from '../refuse-act.ts';
import { missingProof } from '../session/require-proof.ts';
import { changeAuthentication, sameMethods } from './change-authentication.ts';
import { requireSightFor } from './sight.ts';
import { viewOrganization } from './view.ts';

/** Which right each field of the request needs. */
const fields: Readonly<Record<keyof UpdateOrganization, OrganizationField>> = {
  name: 'name',
  loginMethods: 'login_methods',
  sso: 'login_methods',
  domains: 'login_methods',
  foreignSignIn: 'login_methods',
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
    // Roles of a key count elsewhere; how people prove who they are is decided by people who have.
    if (fields[field] === 'login_methods' && actor.kind !== 'account') {
      return refuseAct(act, 'authentication_is_the_tenants_own');
    }
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
  const authentication = changed.filter((field) => fields[field] === 'login_methods');
  if (authentication.length > 0) await changeAuthentication(decision, organization, input, now, act);

  if (input.foreignSignIn !== undefined) organization.foreignSignIn = input.foreignSignIn;
  if (input.name !== undefined) organization.name = input.name;
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
  const event = decision.record({
    ...act,
    by,
    facts: {
      fields: changed,
      ...(input.policy && { policy: input.policy }),
      ...(authentication.length > 0 && {
        loginMethods: organization.loginMethods,
        issuer: organization.sso?.issuer ?? null,
        domains: organization.domains,
      }),
      ...(input.features && { features: input.features }),
    },
    at: now,
  });
  await em.flush();
  // In the same transaction: there is no such change without its mails.
  if (authentication.length > 0) await decision.nudge('membershipNotice', event.id);
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
