import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { register } from '#composition';
import type { CompleteConfig } from '#config';
import type { Database } from '#persistence';
import type { TemporalClient } from '#temporal';
import type { RunningWorker } from './worker.ts';

export interface HealthListenerParts {
  config: Pick<CompleteConfig, 'workerPort' | 'nodeEnv'>;
  database: Pick<Database, 'schema'>;
  temporal: Pick<TemporalClient, 'isReachable'>;
  /** Undefined until it has started. */
  worker: () => Pick<RunningWorker, 'isPolling'> | undefined;
}

export interface HealthListener {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Tells probes and Prometheus how the worker is: `/health/live`, `/health/ready` and `/metrics`. Null where no port is
 * configured; rejects where the port is taken. Everybody who reaches the port is answered, outside of production this
 * machine alone.
 */
export async function startHealthListener(parts: HealthListenerParts): Promise<HealthListener | null> {
  const { workerPort, nodeEnv } = parts.config;
  if (workerPort === undefined) return null;
  const routes: Readonly<Record<string, (response: ServerResponse) => Promise<void>>> = {
    '/health/live': async (response) => answerJson(response, 200, { status: 'ok' }),
    '/health/ready': (response) => answerReadiness(response, parts),
    '/metrics': async (response) => {
      const text = await register.metrics();
      response.setHeader('Content-Type', register.contentType).end(text);
    },
  };

  const server = createServer((request, response) => {
    const route = routes[(request.url ?? '').split('?', 1)[0] ?? ''];
    if (!route) return answerJson(response, 404, { status: 'not_found' });
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      return answerJson(response, 405, { status: 'method_not_allowed' });
    }
    route(response).catch(() => response.destroy());
  });
  server.listen({ port: workerPort, ...(nodeEnv !== 'production' && { host: '127.0.0.1' }) });
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Ready is a worker that gets tasks and can do them: it polls, Temporal is there, and so is the database with our schema. */
async function answerReadiness(
  response: ServerResponse,
  { database, temporal, worker }: HealthListenerParts,
): Promise<void> {
  const [schema, hasTemporal] = await Promise.all([database.schema(), temporal.isReachable()]);
  const isPolling = worker()?.isPolling() ?? false;
  const isReady = isPolling && schema !== null && schema !== 'older' && hasTemporal;
  answerJson(response, isReady ? 200 : 503, {
    status: isReady ? 'ok' : 'not_ready',
    polling: isPolling ? 'up' : 'down',
    database: schema ? 'up' : 'down',
    ...(schema && { schema }),
    temporal: hasTemporal ? 'up' : 'down',
  });
}

function answerJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(JSON.stringify(body));
}
