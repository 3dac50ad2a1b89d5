import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

export interface Received {
  id: string;
  headers: Record<string, string>;
  text: string;
  // What an outside receiver would read.
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any;
}

/** What the receiver does with a request; default: it takes it with 204. */
export type Answering = (received: Received, response: ServerResponse) => void;

/** Somebody else's server that webhooks are sent to. */
export interface WebhookReceiver {
  url: string;
  /** Every request, refused ones included, in order of arrival. */
  requests: Received[];
  /** The requests taken with 2xx. */
  taken(): Received[];
  answer(answering: Answering): void;
  /** Whether the request carries a signature of the secret, checked as receivers do. */
  isSignedBy(received: Received, secret: string): boolean;
  stop(): Promise<void>;
}

const isJson = (mediaType = '') => mediaType.startsWith('application/json');

export const take: Answering = (_received, response) => void response.writeHead(204).end();
export const refuseWith =
  (status: number, headers: Record<string, string> = {}): Answering =>
  (_received, response) =>
    void response.writeHead(status, headers).end('no');
/** Neither takes it nor says no. */
export const holdOn: Answering = () => {};

export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  let answering = take;
  const requests: Received[] = [];
  const takenRequests = new Set<Received>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const headers = singleHeaders(request.headers);
      const received = {
        id: headers['webhook-id'] ?? '',
        headers,
        text,
        body: isJson(headers['content-type']) ? JSON.parse(text) : text,
      };
      requests.push(received);
      answering(received, response);
      if (response.writableEnded && response.statusCode >= 200 && response.statusCode < 300)
        takenRequests.add(received);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/countersign`,
    requests,
    taken: () => requests.filter((received) => takenRequests.has(received)),
    answer: (next) => (answering = next),
    isSignedBy({ text, headers }, secret) {
      try {
        new Webhook(secret).verify(text, headers);
        return true;
      } catch {
        return false;
      }
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function singleHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
