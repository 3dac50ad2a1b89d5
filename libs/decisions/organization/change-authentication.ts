import type { Keys } from '#config';
import { mayChangeAuthentication, type Subject } from '#access';
import { Refusal, type UpdateOrganization } from '#contracts';
import { providerDigest, seal, unseal, type IdentityProvider } from '#identity';
import {
  inSystemRole,
  Invite,
  loadSubjects,
  loadTarget,
  Session,
  SessionCode,
  SsoIdentity,
  type EntityManager,
  type Organization,
  type SingleSignOn,
} from '#persistence';
import { LockMode } from '@mikro-orm/postgresql';
import type { Decision } from '../decision.ts';
import { renewLink } from '../invite/renew-link.ts';
import { refuseAct, type PrivilegedAct } from '../refuse-act.ts';

/** How long a sign-in through a provider shows that somebody can come in by it. */
const testedMilliseconds = 3600_000;

/** What is to come; the client secret is sealed already. */
type Authentication = Pick<UpdateOrganization, 'loginMethods' | 'domains'> & { sso?: SingleSignOn | null | undefined };

/**
 * Changes how people prove who they are; the caller has judged the right. Passwords do not go, and a provider without
 * passwords beside it does not change, before somebody who could undo it has signed in through what is to come. What a
 * replaced provider opened is closed.
 */
export async function changeAuthentication(
  decision: Decision,
  organization: Organization,
  { loginMethods, sso, domains }: Authentication,
  now: Date,
  act: PrivilegedAct,
): Promise<void> {
  const { settings } = decision;
  const before = { provider: organization.sso ?? null, loginMethods: organization.loginMethods };
  if (domains !== undefined) {
    organization.domains = domains;
    organization.provenDomains = organization.provenDomains.filter((domain) => domains.includes(domain));
  }
  const provider = sso === undefined ? before.provider : sso;
  if (provider?.emailVerified === 'trusted' && organization.provenDomains.length === 0) {
    throw new Refusal('domain_not_proven');
  }
  const wanted = loginMethods ?? before.loginMethods;
  // Whoever takes the provider away leaves no page and no mail that leads to it.
  const methods = sso === null ? wanted.filter((method) => method !== 'sso') : wanted;
  const replaced = sso !== undefined && !sameProvider(settings.sealingKeys, before.provider, provider);
  const opensOnlyBySso = !methods.includes('password') && provider !== null;
  if (opensOnlyBySso && (replaced || before.loginMethods.includes('password'))) {
    const digest = providerDigest(settings.sealingKeys, unsealed(settings.sealingKeys, provider));
    if (!(await hasBeenTested(decision, organization.id, digest, now))) return refuseAct(act, 'provider_untested');
  }
  organization.sso = provider;
  if (!sameMethods(methods, before.loginMethods)) {
    organization.loginMethods = methods;
    if (methods.includes('sso')) organization.ssoEnabledAt ??= now;
    await renewOpenInvites(decision, organization.id, now);
  }
  const isReplaced =
    before.provider !== null &&
    (provider?.issuer !== before.provider.issuer || provider.clientId !== before.provider.clientId);
  if (isReplaced || !methods.includes('sso')) await endSessionsOfProvider(decision.em, organization.id, now);
}

/** As they are stored: the secret sealed. */
export const sealedSettings = (keys: Keys, sso: NonNullable<UpdateOrganization['sso']>): SingleSignOn => ({
  issuer: sso.issuer,
  clientId: sso.clientId,
  sealedClientSecret: seal(keys, sso.clientSecret),
  activationUrl: sso.activationUrl ?? null,
  emailVerified: sso.emailVerified ?? 'required',
});

export const unsealed = (keys: Keys, { issuer, clientId, sealedClientSecret }: SingleSignOn): IdentityProvider => ({
  issuer,
  clientId,
  clientSecret: unseal(keys, sealedClientSecret),
});

function sameProvider(keys: Keys, before: SingleSignOn | null, after: SingleSignOn | null): boolean {
  if (before === null || after === null) return before === after;
  return providerDigest(keys, unsealed(keys, before)) === providerDigest(keys, unsealed(keys, after));
}

/** Whether a person who may change it back has come in by these very settings within the hour. */
async function hasBeenTested({ em }: Decision, organizationId: string, digest: string, now: Date): Promise<boolean> {
  const since = new Date(now.getTime() - testedMilliseconds);
  const identities = await inSystemRole(em, () =>
    em.find(SsoIdentity, { organizationId, providerDigest: digest, lastSignedInAt: { $gt: since } }),
  );
  const target = await loadTarget(em, organizationId);
  if (!target) return false;
  const people: Subject[] = await loadSubjects(
    em,
    identities.map(({ accountId }) => accountId),
  );
  return people.some((person) => mayChangeAuthentication(person, target, now).allowed);
}

/** What was mailed is no longer right: old links are void, and the invites' workflows send what is. */
async function renewOpenInvites(decision: Decision, organizationId: string, now: Date): Promise<void> {
  const open = await decision.em.find(
    Invite,
    { organizationId, status: { $in: ['pending', 'failed'] }, expiresAt: { $gt: now } },
    { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' }, refresh: true },
  );
  for (const invite of open) await renewLink(decision, invite);
}

/** What a provider said is worth nothing once the organization no longer asks it. */
export async function endSessionsOfProvider(em: EntityManager, organizationId: string, now: Date): Promise<void> {
  await inSystemRole(em, async () => {
    await em.nativeUpdate(Session, { organizationId, method: 'sso', revokedAt: null }, { revokedAt: now });
    await em.nativeDelete(SessionCode, { organizationId });
  });
}

export const sameMethods = (left: readonly string[], right: readonly string[]) =>
  left.length === right.length && left.every((method) => right.includes(method));
