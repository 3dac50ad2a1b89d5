import { createHmac, randomBytes } from 'node:crypto';
import type { Request, Response } from 'express';
import { deriveKeys, type CompleteConfig } from '#config';
import { Refusal } from '#contracts';
import { sameSecret } from '#identity';
import { cookieOf, sessionTokenOf, setCookie } from './session-cookie.ts';

const visitorCookie = 'countersign-visitor';
const visitorForm = /^[\w-]{43}$/;

type CsrfConfig = Pick<CompleteConfig, 'publicUrl' | 'payloadKeys'>;

/** What a form belongs to: the session, or, before signing in, a random cookie of the browser. */
function ownerOf(request: Request, config: CsrfConfig): string | null {
  const session = sessionTokenOf(request, config);
  if (session !== null) return session;
  const visitor = cookieOf(request, visitorCookie, config);
  return visitor !== null && visitorForm.test(visitor) ? visitor : null;
}

/** The first is given; a page that was opened before the keys changed may still be sent. */
function tokensFor(owner: string, config: CsrfConfig): [string, ...string[]] {
  const tokenBy = (key: Buffer) => createHmac('sha256', key).update(owner).digest('base64url');
  const [first, ...others] = deriveKeys(config.payloadKeys, 'form-tokens');
  return [tokenBy(first), ...others.map(tokenBy)];
}

const tokenFor = (owner: string, config: CsrfConfig): string => tokensFor(owner, config)[0];

/** The token every form of the page carries; a visitor gets the cookie it belongs to with the page. */
export function formToken(request: Request, response: Response, config: CsrfConfig): string {
  const owner = ownerOf(request, config);
  if (owner !== null) return tokenFor(owner, config);
  const visitor = randomBytes(32).toString('base64url');
  setCookie(response, visitorCookie, visitor, config);
  return tokenFor(visitor, config);
}

/** Refuses a form that this browser was not given, before anything is read or used up. */
export function requireFormToken(request: Request, config: CsrfConfig): void {
  const owner = ownerOf(request, config);
  const sent = (request.body as Record<string, unknown> | undefined)?.['form_token'];
  const isOurs = typeof sent === 'string' && owner !== null;
  if (!isOurs || !tokensFor(owner, config).some((token) => sameSecret(sent, token))) {
    throw new Refusal('csrf_token_invalid');
  }
}
