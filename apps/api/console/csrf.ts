import { createHmac, randomBytes } from 'node:crypto';
import type { Request, Response } from 'express';
import { deriveKey, type CompleteConfig } from '#config';
import { Refusal } from '#contracts';
import { sameSecret } from '#identity';
import { cookieOf, sessionTokenOf, setCookie } from './session-cookie.ts';

const visitorCookie = 'countersign-visitor';
const visitorForm = /^[\w-]{43}$/;

type CsrfConfig = Pick<CompleteConfig, 'publicUrl' | 'payloadKey'>;

/** What a form belongs to: the session, or, before signing in, a random cookie of the browser. */
function ownerOf(request: Request, config: CsrfConfig): string | null {
  const session = sessionTokenOf(request, config);
  if (session !== null) return session;
  const visitor = cookieOf(request, visitorCookie, config);
  return visitor !== null && visitorForm.test(visitor) ? visitor : null;
}

function tokenFor(owner: string, config: CsrfConfig): string {
  return createHmac('sha256', deriveKey(config.payloadKey, 'form-tokens')).update(owner).digest('base64url');
}

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
  if (owner === null || typeof sent !== 'string' || !sameSecret(sent, tokenFor(owner, config))) {
    throw new Refusal('csrf_token_invalid');
  }
}
