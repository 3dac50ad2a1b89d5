import type { Request } from 'express';

/** What machines call; every other address is a page. */
const machinePaths = /^\/(?:v1|access\/v1|\.well-known|health|metrics|openapi\.json)(?:\/|$)/i;

export function isPagePath(path: string): boolean {
  return !machinePaths.test(path);
}

/** A path of this site to go to after signing in; anything else leads home, so that no link of ours leads elsewhere. */
export function localPath(wanted: unknown): string {
  const base = 'http://countersign.invalid';
  if (typeof wanted !== 'string' || wanted.length > 2000 || !/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(wanted))
    return '/';
  const url = URL.parse(wanted, base);
  if (url?.origin !== base || !isPagePath(url.pathname) || url.pathname.startsWith('/sign-')) return '/';
  // As the URL parser understood it: `/./..//elsewhere` is another host only before it was read.
  return url.pathname.startsWith('//') ? '/' : `${url.pathname}${url.search}`;
}

/** The page that somebody looks at: for a form that is shown again, and for a part of a page, the one they are on. */
export function pageOf(request: Request): string {
  const { form_page: formPage } = (request.body ?? {}) as { form_page?: unknown };
  const around = request.headers['hx-current-url'];
  const url = typeof around === 'string' ? URL.parse(around) : null;
  if (url) return `${url.pathname}${url.search}`;
  return request.method === 'POST' && typeof formPage === 'string' ? formPage : request.originalUrl;
}

/** Where somebody wanted to go who has to sign in first. */
export function signInPath(request: Request): string {
  const wanted = localPath(request.originalUrl);
  return wanted === '/' ? '/sign-in' : `/sign-in?return=${encodeURIComponent(wanted)}`;
}
