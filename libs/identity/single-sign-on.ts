import { createHmac } from 'node:crypto';
import * as openid from 'openid-client';
import type { Keys } from '#config';
import { Refusal } from '#contracts';
import { fetchFromProvider, isProviderUrl, providerTimeoutSeconds, type ProviderReach } from './provider-fetch.ts';

/** What is known of a tenant's identity provider (OpenID Connect). */
export interface IdentityProvider {
  issuer: string;
  clientId: string;
  clientSecret: string;
}

export interface SingleSignOnOptions extends ProviderReach {
  /**
   * `…/sso/{slug}/callback`: each organization's own, as registered with its provider. No other organization's provider
   * can have a code sent there, nor get one that was meant for it (FAPI 2.0, mix-up).
   */
  redirectUri: string;
  /** The database's clock: the provider's tokens are judged by it, whatever this machine's clock says. */
  now: Date;
}

/** Tells whether these are the settings somebody has signed in with, without keeping the secret once more. */
export const providerDigest = ([key]: Keys, { issuer, clientId, clientSecret }: IdentityProvider): string =>
  createHmac('sha256', key)
    .update(JSON.stringify([issuer, clientId, clientSecret]))
    .digest('base64url');

/** What the browser must bring back: kept in its sealed cookie, never in the address. */
export interface Transaction {
  state: string;
  nonce: string;
  codeVerifier: string;
}

/** Who the provider says has signed in. */
export interface Identified {
  issuer: string;
  subject: string;
  email: string | null;
  /** Null where the provider does not say, or not as OpenID Connect has it. */
  emailVerified: boolean | null;
  name: string | null;
  /** What the provider tells of how it knows the person, and when they last proved it. */
  amr: string[];
  acr: string | null;
  authenticatedAt: Date | null;
  /** The provider's own session (`sid`). */
  providerSessionId: string | null;
}

/** Finds the provider now, not when the organization was made, and tells where to send the browser (RFC 9700, PKCE). */
export async function beginSingleSignOn(
  provider: IdentityProvider,
  options: SingleSignOnOptions,
): Promise<{ url: URL; transaction: Transaction }> {
  const client = await discoverProvider(provider, options);
  const transaction = {
    state: openid.randomState(),
    nonce: openid.randomNonce(),
    codeVerifier: openid.randomPKCECodeVerifier(),
  };
  const url = openid.buildAuthorizationUrl(client, {
    redirect_uri: options.redirectUri,
    scope: 'openid email profile',
    state: transaction.state,
    nonce: transaction.nonce,
    code_challenge: await openid.calculatePKCECodeChallenge(transaction.codeVerifier),
    code_challenge_method: 'S256',
  });
  return { url, transaction };
}

/**
 * Exchanges what the provider sent the browser back with; state, nonce, PKCE, issuer, audience and signature are checked.
 * `sso_failed` where the provider refused or anything does not fit, `sso_unavailable` where it can't be reached.
 */
export async function completeSingleSignOn(
  provider: IdentityProvider,
  options: SingleSignOnOptions,
  { state, nonce, codeVerifier }: Transaction,
  callback: URL,
): Promise<Identified> {
  const client = await discoverProvider(provider, options);
  try {
    const tokens = await openid.authorizationCodeGrant(client, callback, {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: codeVerifier,
      idTokenExpected: true,
    });
    const claims = tokens.claims();
    if (!claims) throw new Refusal('sso_failed');
    // Providers may keep the address out of the ID token; the same provider's userinfo has it then.
    const profile =
      claims.email === undefined && client.serverMetadata().userinfo_endpoint !== undefined
        ? { ...claims, ...(await openid.fetchUserInfo(client, tokens.access_token, claims.sub)) }
        : claims;
    return {
      issuer: claims.iss,
      subject: claims.sub,
      email: typeof profile['email'] === 'string' ? profile['email'] : null,
      emailVerified: typeof profile['email_verified'] === 'boolean' ? profile['email_verified'] : null,
      name: typeof profile['name'] === 'string' ? profile['name'] : null,
      ...toldOf(claims),
    };
  } catch (error) {
    throw refusalOf(error);
  }
}

/** Discovers the provider's metadata, with the guard on every address. */
export async function discoverProvider(
  provider: IdentityProvider,
  options: SingleSignOnOptions,
): Promise<openid.Configuration> {
  if (!isProviderUrl(provider.issuer, options)) throw new Refusal('sso_misconfigured');
  try {
    const metadata = {
      client_secret: provider.clientSecret,
      [openid.clockSkew]: Math.round((options.now.getTime() - Date.now()) / 1000),
    };
    const client = await openid.discovery(new URL(provider.issuer), provider.clientId, metadata, undefined, {
      timeout: providerTimeoutSeconds,
      execute: [openid.enableNonRepudiationChecks, ...(options.production ? [] : [openid.allowInsecureRequests])],
      [openid.customFetch]: (url, init) => fetchFromProvider(url, init, options),
    });
    const { authorization_endpoint: start } = client.serverMetadata();
    if (!isProviderUrl(start ?? '', options)) throw new Refusal('sso_misconfigured');
    return client;
  } catch (error) {
    throw refusalOf(error);
  }
}

/** Claims that say how surely the provider knows the person; what is no honest value is not said. */
function toldOf(claims: openid.IDToken): Pick<Identified, 'amr' | 'acr' | 'authenticatedAt' | 'providerSessionId'> {
  const { amr, acr, auth_time: authTime, sid } = claims;
  const short = (text: unknown): text is string => typeof text === 'string' && text.length > 0 && text.length <= 200;
  return {
    amr: Array.isArray(amr) ? (amr as unknown[]).filter(short).slice(0, 20) : [],
    acr: short(acr) ? acr : null,
    authenticatedAt: typeof authTime === 'number' && authTime > 0 && authTime < 1e11 ? new Date(authTime * 1000) : null,
    providerSessionId: short(sid) ? sid : null,
  };
}

/** The provider's own words stay out of the answer; that it was away has been found out where it was asked. */
function refusalOf(error: unknown): Refusal {
  const own = [error, (error as { cause?: unknown } | null)?.cause].find((cause) => cause instanceof Refusal);
  return own instanceof Refusal ? own : new Refusal('sso_failed');
}
