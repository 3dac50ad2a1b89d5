import { Agent, request as startRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const agent = new Agent({ keepAlive: true, maxSockets: Infinity });

export interface Reply {
  status: number;
  text: string;
}

/** Node's own client with kept connections: `fetch` costs several times as much, on the processors we measure. */
export function call(
  baseUrl: string,
  method: string,
  path: string,
  token: string | null,
  body?: object,
): Promise<Reply> {
  const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  return new Promise((resolve, reject) => {
    const outgoing = startRequest(
      `${baseUrl}${path}`,
      {
        method,
        agent,
        headers: {
          ...(token !== null && { authorization: `Bearer ${token}` }),
          ...(payload && { 'content-type': 'application/json', 'content-length': payload.length }),
        },
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.once('end', () =>
          resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
        );
        incoming.once('error', reject);
      },
    );
    outgoing.once('error', reject);
    outgoing.end(payload);
  });
}

/** How often a request was answered 503 and sent again: on a quiet machine, never. */
export const unavailable = { answers: 0 };

/**
 * As `call`; anything but the wanted status is an error, since a refusal would be measured as a fast answer. 503 is tried
 * again, as a careful client does, and the time until the answer counts.
 */
export async function expectReply(status: number, ...request: Parameters<typeof call>): Promise<string> {
  for (;;) {
    const reply = await call(...request);
    if (reply.status === status) return reply.text;
    if (reply.status !== 503)
      throw new Error(`${request[1]} ${request[2]} answered ${reply.status}, not ${status}: ${reply.text}`);
    unavailable.answers += 1;
    await sleep(100);
  }
}
