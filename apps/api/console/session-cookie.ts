import type { Request, Response } from 'express';
import type { CompleteConfig } from '#config';

/** What of the configuration a cookie depends on: the address people open in a browser. */
export type CookieConfig = Pick<CompleteConfig, 'publicUrl'>;

/** Over https the `__Host-` prefix binds the cookie to this host and to TLS; plain http, on a laptop, can have neither. */
function isSecure({ publicUrl }: CookieConfig): boolean {
  return publicUrl.startsWith('https:');
}

export function cookieName(name: string, config: CookieConfig): string {
  return isSecure(config) ? `__Host-${name}` : name;
}

function attributes(config: CookieConfig) {
  return { httpOnly: true, sameSite: 'lax', path: '/', secure: isSecure(config) } as const;
}

export function setCookie(response: Response, name: string, value: string, config: CookieConfig, expires?: Date): void {
  response.cookie(cookieName(name, config), value, { ...attributes(config), ...(expires && { expires }) });
}

export function clearCookie(response: Response, name: string, config: CookieConfig): void {
  response.clearCookie(cookieName(name, config), attributes(config));
}

/** The value of a cookie of ours as it was sent; null where there is none. */
export function cookieOf(request: Request, name: string, config: CookieConfig): string | null {
  const wanted = cookieName(name, config);
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at !== -1 && part.slice(0, at).trim() === wanted) return decoded(part.slice(at + 1).trim());
  }
  return null;
}

/** Which cookies of ours with that beginning were sent. */
export function cookieNamesOf(request: Request, prefix: string, config: CookieConfig): string[] {
  const sent = (request.headers.cookie ?? '').split(';').map((part) => (part.split('=', 1)[0] ?? '').trim());
  const wanted = cookieName(prefix, config);
  return sent.filter((name) => name.startsWith(wanted)).map((name) => `${prefix}${name.slice(wanted.length)}`);
}

/** A broken escape is somebody else's cookie, never an error of ours. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

const sessionCookie = 'countersign';

/** Signs the browser in: the cookie holds the same opaque token as `Authorization: Bearer`, and counts on pages only. */
export function setSessionCookie(response: Response, token: string, expiresAt: Date, config: CookieConfig): void {
  setCookie(response, sessionCookie, token, config, expiresAt);
}

export function clearSessionCookie(response: Response, config: CookieConfig): void {
  clearCookie(response, sessionCookie, config);
}

/** The session token a browser sent; null where it has none. API keys and the support token are no browser's business. */
export function sessionTokenOf(request: Request, config: CookieConfig): string | null {
  const token = cookieOf(request, sessionCookie, config);
  return token !== null && /^cs_session_[\w-]{20,100}$/.test(token) ? token : null;
}
