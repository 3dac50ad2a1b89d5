import { createRemoteJWKSet, customFetch, decodeJwt, jwtVerify } from 'jose';
import { z } from 'zod';
import { Refusal } from '#contracts';
import { fetchFromProvider } from './provider-fetch.ts';
import { discoverProvider, type IdentityProvider, type SingleSignOnOptions } from './single-sign-on.ts';

/** Whom a provider signed out: a person at all their devices, or one of its sessions. */
export interface ProviderLogout {
  issuer: string;
  subject: string | null;
  providerSessionId: string | null;
  tokenId: string;
  /** Until when the same token could come again. */
  expiresAt: Date;
}

/** Asymmetric, as for ID tokens: what anybody could sign who knows the client secret is no word of the provider. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const oldestSeconds = 5 * 60;
const skewSeconds = 30;

const claims = z
  .object({
    jti: z.string().min(1).max(500),
    sub: z.string().min(1).max(500).optional(),
    sid: z.string().min(1).max(500).optional(),
    events: z.object({ 'http://schemas.openid.net/event/backchannel-logout': z.looseObject({}) }),
    /** An ID token that was caught must not pass for a logout. */
    nonce: z.undefined().optional(),
  })
  .refine(({ sub, sid }) => sub !== undefined || sid !== undefined);

/**
 * Reads a logout token (OpenID Connect Back-Channel Logout 1.0, 2.6): signed by the organization's own provider, for us,
 * a moment ago. `logout_token_invalid` for all that is not; `sso_unavailable` where the keys can't be fetched.
 */
export async function readLogoutToken(
  provider: IdentityProvider,
  options: SingleSignOnOptions,
  token: string,
): Promise<ProviderLogout> {
  // Nobody makes us ask a provider for its keys with a token that isn't even said to be of it.
  if (!isAbout(provider, token)) throw new Refusal('logout_token_invalid');
  const client = await discoverProvider(provider, options);
  const { jwks_uri: keys, issuer } = client.serverMetadata();
  if (!keys) throw new Refusal('sso_misconfigured');
  const keySet = createRemoteJWKSet(new URL(keys), {
    [customFetch]: (url, { method, headers, signal }) =>
      fetchFromProvider(url, { method, headers: Object.fromEntries(headers), body: undefined, signal }, options),
  });
  try {
    const { payload } = await jwtVerify(token, keySet, {
      issuer,
      audience: provider.clientId,
      algorithms,
      requiredClaims: ['iat', 'exp'],
      currentDate: options.now,
      maxTokenAge: oldestSeconds,
      clockTolerance: skewSeconds,
    });
    const { jti, sub, sid } = claims.parse(payload);
    return {
      issuer,
      subject: sub ?? null,
      providerSessionId: sid ?? null,
      tokenId: jti,
      expiresAt: new Date(options.now.getTime() + (oldestSeconds + 2 * skewSeconds) * 1000),
    };
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal('logout_token_invalid');
  }
}

function isAbout({ issuer, clientId }: IdentityProvider, token: string): boolean {
  try {
    const { iss, aud } = decodeJwt(token);
    return iss?.replace(/\/$/, '') === issuer.replace(/\/$/, '') && [aud].flat().includes(clientId);
  } catch {
    return false;
  }
}
