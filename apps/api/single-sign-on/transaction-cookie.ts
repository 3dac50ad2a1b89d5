import type { Request, Response } from 'express';
import { z } from 'zod';
import { deriveKey, type CompleteConfig } from '#config';
import { Refusal } from '#contracts';
import { seal, unseal } from '#identity';
import { clearCookie, cookieOf, setCookie } from '../console/session-cookie.ts';

const cookie = 'countersign-sso';
const validMilliseconds = 10 * 60_000;

/** A sign-in under way, as this browser began it: sealed, so that it can be neither read nor made up. */
const underWay = z.object({
  organizationId: z.string(),
  transaction: z.object({ state: z.string(), nonce: z.string(), codeVerifier: z.string() }),
  /** The page to go to afterwards. */
  returnPath: z.string(),
  /** Set where an API client gets a code instead of the browser a session. */
  codeChallenge: z.string().nullable(),
  redirectUri: z.string().nullable(),
  expiresAt: z.number(),
});
export type SignOnUnderWay = Omit<z.infer<typeof underWay>, 'expiresAt'>;

type CookieConfig = Pick<CompleteConfig, 'publicUrl' | 'payloadKey'>;

const keyOf = ({ payloadKey }: CookieConfig) => deriveKey(payloadKey, 'sso-transactions');

/** @param now the database's clock, for the answer may come back to another machine than the one that began */
export function rememberSignOn(response: Response, signOn: SignOnUnderWay, config: CookieConfig, now: Date): void {
  const expiresAt = now.getTime() + validMilliseconds;
  const sealed = seal(keyOf(config), JSON.stringify({ ...signOn, expiresAt }));
  setCookie(response, cookie, sealed, config, new Date(expiresAt));
}

/** What this browser began, once: the cookie is gone with the answer. */
export function recallSignOn(request: Request, response: Response, config: CookieConfig, now: Date): SignOnUnderWay {
  const sealed = cookieOf(request, cookie, config);
  clearCookie(response, cookie, config);
  try {
    const signOn = underWay.parse(JSON.parse(unseal(keyOf(config), sealed ?? '')));
    if (signOn.expiresAt > now.getTime()) return signOn;
  } catch {
    // Missing, broken or sealed by somebody else: all the same to the person.
  }
  throw new Refusal('sso_transaction_lost');
}
