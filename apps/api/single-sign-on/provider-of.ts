import { deriveKeys, type CompleteConfig } from '#config';
import { Refusal } from '#contracts';
import { unseal, type IdentityProvider, type SingleSignOnOptions } from '#identity';
import type { Organization, SingleSignOn } from '#persistence';

type Config = Pick<CompleteConfig, 'payloadKeys' | 'publicUrl' | 'nodeEnv' | 'allowPrivateAddresses'>;

/** The provider an organization signs its people in with; `login_method_not_allowed` where it has none in use. */
export function providerOf(
  { sso, loginMethods }: Organization,
  { payloadKeys }: Pick<Config, 'payloadKeys'>,
): IdentityProvider {
  if (!sso || !loginMethods.includes('sso')) throw new Refusal('login_method_not_allowed', { loginMethods });
  return unsealedProvider(sso, { payloadKeys });
}

export const unsealedProvider = (
  { issuer, clientId, sealedClientSecret }: SingleSignOn,
  { payloadKeys }: Pick<Config, 'payloadKeys'>,
): IdentityProvider => ({
  issuer,
  clientId,
  clientSecret: unseal(deriveKeys(payloadKeys, 'stored-secrets'), sealedClientSecret),
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
