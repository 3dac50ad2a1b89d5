import type { IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import helmet from 'helmet';
import { inviteFormLimit, isInviteForm } from '../invite-batches/upload.ts';
import { isPagePath } from './page-path.ts';

const own = ["'self'"];
const nothing = ["'none'"];

/** Nothing inline, nothing from elsewhere, no frames: what a page of ours needs and no more. */
const pageHeaders = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: nothing,
      scriptSrc: own,
      styleSrc: own,
      imgSrc: own,
      connectSrc: own,
      formAction: own,
      baseUri: nothing,
      frameAncestors: nothing,
    },
  },
  referrerPolicy: { policy: 'no-referrer' },
  frameguard: { action: 'deny' },
});

const machineHeaders = helmet({ referrerPolicy: { policy: 'no-referrer' } });

/** Answers there are about people; the document and metrics are not. */
const apiPath = /^\/(?:v1|access)\//i;

function headersOf(request: Request, response: Response, next: NextFunction): void {
  if (!isPagePath(request.path)) {
    if (apiPath.test(request.path)) response.setHeader('Cache-Control', 'no-store');
    return machineHeaders(request, response, next);
  }
  if (!request.path.startsWith('/static/')) response.setHeader('Cache-Control', 'no-store');
  return pageHeaders(request, response, next);
}

/** Forms are read on pages only: an API route never takes what a foreign page could send. */
function isFormOfPage({ url, headers }: IncomingMessage): boolean {
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? '');
  return isForm && isPagePath((url ?? '').split('?', 1)[0] ?? '');
}

/** Headers, forms and files of the console; `/static/…` may be kept by browsers since its address names the content. */
export function useConsole(app: NestExpressApplication): void {
  const kept = { immutable: true, maxAge: '365d', index: false, redirect: false } as const;
  app.use(headersOf);
  app.useStaticAssets(fileURLToPath(new URL('static/', import.meta.url)), { prefix: '/static', ...kept });
  app.useStaticAssets(htmxFile, { prefix: '/static/htmx.js', ...kept });
  app.useBodyParser('urlencoded', {
    extended: false,
    limit: inviteFormLimit,
    parameterLimit: 200,
    type: isInviteForm,
  });
  app.useBodyParser('urlencoded', { extended: false, limit: '300kb', parameterLimit: 200, type: isFormOfPage });
}

/** The file the package ships for browsers. */
export const htmxFile = createRequire(import.meta.url).resolve('htmx.org/dist/htmx.min.js');
