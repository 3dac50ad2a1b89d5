import { randomUUID } from 'node:crypto';
import type { NextFunction, Response } from 'express';
import { loggingWith, type Log, type LogFields } from '#composition';
import type { AuthenticatedRequest } from '../authentication/authenticated-request.ts';
import { routeOf } from '../health/request-metrics.ts';

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Asked every few seconds by machines. */
const probes = new Set(['/health/live', '/health/ready', '/metrics']);

/**
 * The access log: a line when the answer was sent or the client had left. The id is our own, since a client's may say
 * anything; whatever is logged on the way carries it, and it is the `instance` of a problem. Of the address only the
 * declared route and ids are told.
 */
export function logRequests(log: Log) {
  return (request: AuthenticatedRequest, response: Response, next: NextFunction): void => {
    const begin = performance.now();
    const requestId = randomUUID();
    response.once('close', () => {
      const route = routeOf(request);
      log[probes.has(route) ? 'debug' : 'info'](`${request.method} ${route}`, {
        requestId,
        method: request.method,
        route,
        status: response.statusCode,
        milliseconds: Math.round(performance.now() - begin),
        ...(!response.writableFinished && { aborted: true }),
        caller: request.principal?.kind ?? (request.directory ? 'directory' : 'nobody'),
        ...idsOf(request),
      });
    });
    loggingWith({ requestId }, next);
  };
}

/** `organizationId`, and the id of an elevation is `elevationId` or `id`, as the route declares it. */
function idsOf({ params }: AuthenticatedRequest): LogFields {
  return Object.fromEntries(
    Object.entries(params ?? {}).flatMap(([name, value]) =>
      typeof value === 'string' && uuid.test(value) ? [[name, value.toLowerCase()]] : [],
    ),
  );
}
