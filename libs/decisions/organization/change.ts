import {
  mayChangeOrganization,
  mayProposeChange,
  organizationSight,
  proposingPartners,
  type OrganizationField,
} from '#access';
import { Refusal, type UpdateOrganization } from '#contracts';
import { Organization } from '#persistence';
import { hasSomebodyToAgree, refuseWithoutAgreement } from '../change-request/required.ts';
import { weakenedBy } from '../change-request/weakened.ts';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { unconditionally, type Precondition } from '../precondition.ts';
import { refuseAct } from '../refuse-act.ts';
import { missingProof } from '../session/require-proof.ts';
import { applyToOrganization, requireSound } from './apply.ts';
import { sealedSettings } from './change-authentication.ts';
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
    if (!ruling.allowed) {
      // How the customer signs in, its partner only proposes.
      const proposed = proposingPartners(subject, target, now).some(
        (partnerId) => mayProposeChange(subject, target, { kind: 'authentication', partnerId }, now).allowed,
      );
      if (isProposable(field) && actor.kind === 'account' && proposed)
        return refuseWithoutAgreement(act, proposalOf(input));
      return refuseAct(act, ruling.code);
    }
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
  const { policy, foreignSignIn } = input;
  const sso = input.sso && sealedSettings(settings.sealingKeys, input.sso);
  const change = { ...input, sso };
  // What could not hold anyway is told before anybody is asked to agree.
  requireSound(organization, change, settings.minimumDurationSeconds);
  if (weakenedBy(organization, input).length > 0 && (await hasSomebodyToAgree(decision, organization)))
    return refuseWithoutAgreement(act, { kind: 'policy', policy, foreignSignIn });

  await applyToOrganization(decision, organization, change, { act, by, now });
  return organization;
}

/** What of sign-in a partner may propose to its customer. */
const isProposable = (field: keyof UpdateOrganization) => ['loginMethods', 'sso', 'domains'].includes(field);

/** What to propose instead; the secret is sent once more, not answered. */
const proposalOf = ({ loginMethods, sso, domains }: UpdateOrganization): Record<string, unknown> => ({
  kind: 'authentication',
  loginMethods,
  sso: sso && { ...sso, clientSecret: '…' },
  domains,
});
