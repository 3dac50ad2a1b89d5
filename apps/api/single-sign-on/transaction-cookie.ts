import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { deriveKeys, type CompleteConfig } from '#config';
import { Refusal } from '#contracts';
import { seal, unseal } from '#identity';
import { clearCookie, cookieNamesOf, cookieOf, setCookie } from '../console/session-cookie.ts';

const prefix = 'countersign-sso-';
const validMilliseconds = 10 * 60_000;
/** Sign-ins a browser may have under way at once; a header full of cookies would reach no server. */
const mostAtOnce = 8;

/** Settings of a provider as they are stored: the secret sealed. */
export const storedProvider = z.object({
  issuer: z.string(),
  clientId: z.string(),
  sealedClientSecret: z.string(),
  activationUrl: z.string().nullable(),
  emailVerified: z.enum(['required', 'trusted']).optional(),
});

/** A sign-in under way, as this browser began it: sealed, so that it can be neither read nor made up. */
const underWay = z.object({
  organizationId: z.string(),
  /** Whom the browser was sent to: an answer after the organization has changed its provider is nobody's. */
  provider: z.object({ issuer: z.string(), clientId: z.string() }),
  transaction: z.object({ state: z.string(), nonce: z.string(), codeVerifier: z.string() }),
  /** What the sign-in brings beside the provider's word. */
  proof: z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('session'), sessionId: z.string() }),
      z.object({ kind: z.literal('invite'), token: z.string() }),
      z.object({ kind: z.literal('link'), token: z.string() }),
    ])
    .nullable(),
  /** Set where somebody tries settings out: nobody is signed in by it. */
  test: z.object({ accountId: z.string(), sso: storedProvider }).nullable(),
  /** The page to go to afterwards. */
  returnPath: z.string(),
  /** Set where an API client gets a code instead of the browser a session. */
  codeChallenge: z.string().nullable(),
  redirectUri: z.string().nullable(),
  expiresAt: z.number(),
});
export type SignOnUnderWay = Omit<z.infer<typeof underWay>, 'expiresAt'>;

type CookieConfig = Pick<CompleteConfig, 'publicUrl' | 'payloadKeys'>;

const keysOf = ({ payloadKeys }: CookieConfig) => deriveKeys(payloadKeys, 'sso-transactions');

/** Each sign-in has a cookie of its own, found by the state that comes back: two tabs don't disturb each other. */
const cookieFor = (state: string) => `${prefix}${createHash('sha256').update(state).digest('base64url').slice(0, 22)}`;

/** @param now the database's clock, for the answer may come back to another machine than the one that began */
export function rememberSignOn(
  request: Request,
  response: Response,
  signOn: SignOnUnderWay,
  config: CookieConfig,
  now: Date,
): void {
  forgetOldest(request, response, config);
  const expiresAt = now.getTime() + validMilliseconds;
  const sealed = seal(keysOf(config), JSON.stringify({ ...signOn, expiresAt }));
  setCookie(response, cookieFor(signOn.transaction.state), sealed, config, new Date(expiresAt));
}

/** What this browser began with that state, once: the cookie is gone with the answer. */
export function recallSignOn(
  request: Request,
  response: Response,
  state: string,
  config: CookieConfig,
  now: Date,
): SignOnUnderWay {
  const name = cookieFor(state);
  const signOn = opened(cookieOf(request, name, config), config);
  clearCookie(response, name, config);
  if (signOn && signOn.expiresAt > now.getTime()) return signOn;
  throw new Refusal('sso_transaction_lost');
}

/** Null where it is missing, broken or sealed by somebody else: all the same to the person. */
function opened(sealed: string | null, config: CookieConfig): z.infer<typeof underWay> | null {
  try {
    return underWay.parse(JSON.parse(unseal(keysOf(config), sealed ?? '')));
  } catch {
    return null;
  }
}

function forgetOldest(request: Request, response: Response, config: CookieConfig): void {
  const names = cookieNamesOf(request, prefix, config);
  if (names.length < mostAtOnce) return;
  const expiry = (name: string) => opened(cookieOf(request, name, config), config)?.expiresAt ?? 0;
  const oldestFirst = names.toSorted((left, right) => expiry(left) - expiry(right));
  for (const name of oldestFirst.slice(0, names.length - mostAtOnce + 1)) clearCookie(response, name, config);
}
