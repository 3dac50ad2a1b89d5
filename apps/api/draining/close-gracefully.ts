import { once } from 'node:events';
import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Draining } from './draining.ts';

export interface Farewell {
  /** Milliseconds that readiness says no before nobody is let in any more: load balancers need as long to notice. */
  noticeMilliseconds: number;
  /** Milliseconds that requests under way may take then. */
  deadlineMilliseconds: number;
}

/**
 * Ends the API so that nobody notices: readiness says no and long polls are answered first, then the listener and idle
 * connections are closed, each further answer ends its connection, and what is not done by the deadline is cut off.
 */
export async function closeGracefully(
  api: NestExpressApplication,
  { noticeMilliseconds, deadlineMilliseconds }: Farewell,
): Promise<void> {
  api.get(Draining).begin();
  await sleep(noticeMilliseconds);
  const server: Server = api.getHttpServer();
  if (server.listening) {
    const closed = once(server, 'close');
    server.close();
    server.closeIdleConnections();
    const cut = setTimeout(() => server.closeAllConnections(), deadlineMilliseconds);
    await closed;
    clearTimeout(cut);
  }
  await api.close();
}
