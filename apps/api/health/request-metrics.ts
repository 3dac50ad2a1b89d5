import type { NextFunction, Request, Response } from 'express';
import { Counter, Histogram } from 'prom-client';

const requests = new Counter({
  name: 'http_requests_total',
  help: 'Requests by declared route; status `aborted`: the client left before the answer',
  labelNames: ['method', 'route', 'status'],
});

const durations = new Histogram({
  name: 'http_request_duration_seconds',
  help: 'Time until the answer was sent; waiting for a change by ?wait= is part of it',
  labelNames: ['method', 'route', 'status'],
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
});

/** Comes before everything else, so that refusals of any kind and lost clients count, too. */
export function measureRequests(request: Request, response: Response, next: NextFunction): void {
  const end = durations.startTimer();
  response.once('close', () => {
    const status = response.writableFinished ? String(response.statusCode) : 'aborted';
    const labels = { method: request.method, route: routeOf(request), status };
    requests.inc(labels);
    end(labels);
  });
  next();
}

/** The pattern as declared, `/v1/elevations/:id`; the path itself would name ids, and strangers could fill the memory. */
export function routeOf({ route }: Request): string {
  const { path } = (route ?? {}) as { path?: unknown };
  return typeof path === 'string' ? path : 'unrouted';
}
