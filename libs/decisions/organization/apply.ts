import { settings as knownSettings } from '#access';
import {
  durationPolicies,
  policyMinimum,
  policyOfKind,
  Refusal,
  termNames,
  type DurationPolicyName,
  type UpdateOrganization,
} from '#contracts';
import type { Organization, SingleSignOn } from '#persistence';
import type { Decision } from '../decision.ts';
import type { PrivilegedAct } from '../refuse-act.ts';
import { changeAuthentication, sameMethods } from './change-authentication.ts';
import { toldOfOrganization } from '../standing-told.ts';
import { applyExternalTerm } from '../external-administrator/term.ts';
import { applyTerm } from '../relationship/set-term.ts';

/** What changes about an organization; the client secret is sealed already. */
export type OrganizationChange = Omit<UpdateOrganization, 'sso'> & { sso?: SingleSignOn | null | undefined };

/** Makes a change whose right was judged to a locked organization, with what follows from it, its event and its mails. */
export async function applyToOrganization(
  decision: Decision,
  organization: Organization,
  input: OrganizationChange,
  { act, by, now, changeRequestId }: { act: PrivilegedAct; by: string; now: Date; changeRequestId?: string },
): Promise<void> {
  const { em, settings } = decision;
  requireSound(organization, input, settings.minimumDurationSeconds);
  const { loginMethods, sso, domains, foreignSignIn } = input;
  const isAuthentication = [loginMethods, sso, domains, foreignSignIn].some((change) => change !== undefined);
  if (isAuthentication) await changeAuthentication(decision, organization, input, now, act);

  if (foreignSignIn !== undefined) organization.foreignSignIn = foreignSignIn;
  if (input.name !== undefined) organization.name = input.name;
  if (input.policy) {
    const { approvalAssurance, relationshipTermDays, externalAdministratorTermDays, ...durations } = input.policy;
    const terms = { relationshipTermDays, externalAdministratorTermDays };
    organization.policy = { ...organization.policy, ...durations };
    for (const name of termNames) {
      const days = terms[name];
      if (days === null) delete organization.policy[name];
      else if (days !== undefined) organization.policy[name] = days;
    }
    // Memberships come before relationships in the order of locks.
    if (externalAdministratorTermDays) await applyExternalTerm(decision, organization, by, now);
    if (relationshipTermDays) await applyTerm(decision, organization, by, now);
    organization.approvalAssurance = approvalAssurance ?? organization.approvalAssurance;
  }
  if (input.features) organization.disabledFeatures = disabledAfter(organization.disabledFeatures, input.features);
  if (input.subscription) {
    organization.userCount = input.subscription.userCount ?? organization.userCount;
    organization.hasActiveLicence = input.subscription.hasActiveLicence ?? organization.hasActiveLicence;
  }
  const event = decision.record({
    ...act,
    action: 'organization.changed',
    by,
    facts: {
      fields: Object.entries(input).flatMap(([field, value]) => (value === undefined ? [] : [field])),
      ...(input.policy && { policy: input.policy }),
      ...(isAuthentication && {
        loginMethods: organization.loginMethods,
        issuer: organization.sso?.issuer ?? null,
        domains: organization.domains,
      }),
      ...(input.features && { features: input.features }),
      ...(changeRequestId && { changeRequestId }),
    },
    ...(input.features && { standing: { organizations: [toldOfOrganization(organization)] } }),
    at: now,
  });
  await em.flush();
  // In the same transaction: there is no such change without its mails.
  if (isAuthentication) await decision.nudge('membershipNotice', event.id);
}

/** Refuses what could not hold, whoever agrees to it. */
export function requireSound(organization: Organization, change: OrganizationChange, minimumSeconds: number): void {
  requireWayIn(organization, change);
  if (change.policy) requireWithinBounds(change.policy, organization.kind, minimumSeconds);
}

/** A tenant on single sign-on alone that has none locks itself out; only its creation may run ahead of the settings. */
function requireWayIn(organization: Organization, { loginMethods, sso }: OrganizationChange): void {
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

function requireWithinBounds(
  {
    approvalAssurance: _bounded,
    relationshipTermDays,
    externalAdministratorTermDays,
    ...durations
  }: NonNullable<UpdateOrganization['policy']>,
  kind: Organization['kind'],
  deploymentMinimumSeconds: number,
): void {
  const terms = { relationshipTermDays, externalAdministratorTermDays };
  const foreign = termNames.find((name) => terms[name] !== undefined);
  if (foreign && kind !== 'customer') {
    const message = 'Set by a customer: it says how long others stay';
    throw new Refusal('invalid_request', { errors: [{ pointer: `/policy/${foreign}`, message }] });
  }
  for (const [name, seconds] of Object.entries(durations) as [DurationPolicyName, number][]) {
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
