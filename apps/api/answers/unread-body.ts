import { Refusal } from '#contracts';
import type { NextFunction, Request, Response } from 'express';

// Express finds routes in any case.
const apiPath = /^\/(?:v1|access|scim)(?:\/|$)/i;

/**
 * Comes after the body parsers: what none of them read on an API route is of a content type that is not understood. Taken
 * as no body, a denial would lose its reason without anybody being told.
 */
export function refuseUnreadBody(request: Request, _response: Response, next: NextFunction): void {
  const isUnread = apiPath.test(request.path) && hasBody(request) && request.body === undefined;
  next(isUnread ? new Refusal('unsupported_media_type') : undefined);
}

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
