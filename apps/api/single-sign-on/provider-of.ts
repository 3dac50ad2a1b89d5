import { deriveKey, type CompleteConfig } from '#config';
import { Refusal } from '#contracts';
import { unseal, type IdentityProvider, type SingleSignOnOptions } from '#identity';
import type { Organization, SingleSignOn } from '#persistence';

type Config = Pick<CompleteConfig, 'payloadKey' | 'publicUrl' | 'nodeEnv' | 'allowPrivateAddresses'>;

/** The provider an organization signs its people in with; `login_method_not_allowed` where it has none in use. */
export function providerOf(
  { sso, loginMethods }: Organization,
  { payloadKey }: Pick<Config, 'payloadKey'>,
): IdentityProvider {
  if (!sso || !loginMethods.includes('sso')) throw new Refusal('login_method_not_allowed', { loginMethods });
  return unsealedProvider(sso, { payloadKey });
}

export const unsealedProvider = (
  { issuer, clientId, sealedClientSecret }: SingleSignOn,
  { payloadKey }: Pick<Config, 'payloadKey'>,
): IdentityProvider => ({
  issuer,
  clientId,
  clientSecret: unseal(deriveKey(payloadKey, 'stored-secrets'), sealedClientSecret),
});

/** What an organization registers with its provider, and nobody else's provider can send anybody to. */
export const redirectUriOf = ({ slug }: Pick<Organization, 'slug'>, { publicUrl }: Pick<Config, 'publicUrl'>): string =>
  `${publicUrl}/sso/${slug}/callback`;

/** @param now the database's clock */
export const singleSignOnOptions = (
  organization: Pick<Organization, 'slug'>,
  config: Config,
  now: Date,
): SingleSignOnOptions => ({
  now,
  redirectUri: redirectUriOf(organization, config),
  production: config.nodeEnv === 'production',
  allowPrivate: config.allowPrivateAddresses,
});
