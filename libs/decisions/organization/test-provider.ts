import { mayChangeAuthentication, organizationSight } from '#access';
import { Refusal, type UpdateOrganization } from '#contracts';
import { providerDigest, type Identified } from '#identity';
import { Account, loadSubject, loadTarget, Organization, SsoIdentity, type SingleSignOn } from '#persistence';
import type { Decision } from '../decision.ts';
import { refuseAct } from '../refuse-act.ts';
import { connect, requireOwnAddress, verifiedAddress } from '../session/sign-in-by-sso.ts';
import { sealedSettings, unsealed } from './change-authentication.ts';
import { requireSightFor } from './sight.ts';

const actOn = (organizationId: string) => ({
  action: 'single-sign-on.provider-tested',
  organizationIds: [organizationId],
  subject: { kind: 'organization', id: organizationId },
});

/** Settings of a provider to try out, before or after they are set, for whoever may set them. */
export async function beginProviderTest(
  decision: Decision,
  organizationId: string,
  candidate: UpdateOrganization['sso'],
): Promise<{ organization: Organization; sso: SingleSignOn; accountId: string }> {
  const { em, actor, settings } = decision;
  const now = await decision.now();
  const act = actOn(organizationId);
  const { subject, target } = await requireSightFor(act, em, actor, organizationId, organizationSight, now);
  const ruling = mayChangeAuthentication(subject, target, now);
  if (!ruling.allowed) return refuseAct(act, ruling.code);
  if (actor.kind !== 'account' || actor.id === null) return refuseAct(act, 'authentication_is_the_tenants_own');
  const organization = await em.findOneOrFail(Organization, { id: organizationId });
  const sso = candidate ? sealedSettings(settings.sealingKeys, candidate) : (organization.sso ?? null);
  if (!sso) throw new Refusal('provider_settings_required');
  return { organization, sso, accountId: actor.id };
}

export interface ProviderTested {
  email: string | null;
  /** Whether the address counts as verified with these settings: without, nobody new comes in by the provider's word. */
  addressCounts: boolean;
}

/**
 * Somebody has come back from the provider: whoever began is known by that identity from now on, and for an hour the
 * settings count as tested. Nobody is signed in by it. Runs as the system.
 */
export async function recordProviderTest(
  decision: Decision,
  organizationId: string,
  { accountId, sso }: { accountId: string; sso: SingleSignOn },
  identified: Identified,
): Promise<ProviderTested> {
  const { em, settings } = decision;
  const now = await decision.now();
  const organization = await em.findOneOrFail(Organization, { id: organizationId });
  const target = await loadTarget(em, organizationId);
  const account = await em.findOne(Account, { id: accountId, removedAt: null });
  if (!target || !account) throw new Refusal('sso_transaction_lost');
  const ruling = mayChangeAuthentication(await loadSubject(em, accountId), target, now);
  if (!ruling.allowed) return refuseAct(actOn(organizationId), ruling.code);
  const { issuer, subject } = identified;
  const known = await em.findOne(SsoIdentity, { organizationId, issuer, subject });
  if (known && known.accountId !== accountId) return refuseAct(actOn(organizationId), 'identity_of_another');
  await requireOwnAddress(em, organizationId, account, identified);
  const digest = providerDigest(settings.sealingKeys, unsealed(settings.sealingKeys, sso));
  await connect(decision, account, organizationId, identified, digest);
  const addressCounts = verifiedAddress({ sso, provenDomains: organization.provenDomains }, identified) !== null;
  decision.record({
    ...actOn(organizationId),
    by: ruling.by,
    facts: { issuer, clientId: sso.clientId, addressCounts },
    actor: { ...decision.actor, id: account.id, displayName: account.displayName },
    at: now,
  });
  return { email: identified.email, addressCounts };
}
