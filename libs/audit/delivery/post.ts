import type { WebhookFailureReason } from '#contracts';
import { AddressNotAllowed, openRequest, type Reach } from '#outbound';

export interface PostOptions extends Reach {
  timeoutMilliseconds?: number;
}

export type PostOutcome =
  { delivered: true } | { delivered: false; reason: WebhookFailureReason; status: number | null };

/** From the name's lookup to the answer's head, in milliseconds. */
export const postTimeoutMilliseconds = 10_000;
/** Receivers may say something; nobody reads it, and nobody waits for all of it. */
const mostAnswerBytes = 16 * 1024;

/** What is sent, as JSON. */
export interface Post {
  url: string;
  body: string;
  headers?: Readonly<Record<string, string | number>>;
}

/** Sends to an address that a tenant chose. Any 2xx counts as delivered, a redirect does not. */
export async function post(request: Post, options: PostOptions): Promise<PostOutcome> {
  try {
    const status = await send(request, options);
    if (status >= 200 && status < 300) return { delivered: true };
    return failed(status === 410 ? 'gone' : 'unexpected_status', status);
  } catch (error) {
    return failed(reasonOf(error));
  }
}

function failed(reason: WebhookFailureReason, status: number | null = null): PostOutcome {
  return { delivered: false, reason, status };
}

/** Resolves to the status as soon as it is there. */
function send(
  { url, body, headers }: Post,
  { timeoutMilliseconds = postTimeoutMilliseconds, ...reach }: PostOptions,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = openRequest(url, reach, {
      method: 'POST',
      signal: AbortSignal.timeout(timeoutMilliseconds),
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'Countersign-Webhooks/1',
        ...headers,
      },
    });
    // Stays on: the time limit also ends an answer that never ends, when nobody waits for it any more.
    sent.on('error', reject);
    sent.once('response', (response) => {
      let read = 0;
      response.on('error', () => {});
      response.on('data', (chunk: Buffer) => {
        read += chunk.length;
        if (read > mostAnswerBytes) response.destroy();
      });
      resolve(response.statusCode ?? 0);
    });
    sent.end(body);
  });
}

const reasonsByCode: readonly [RegExp, WebhookFailureReason][] = [
  [/^(ABORT_ERR|ETIMEDOUT)$/, 'timeout'],
  [/^(ENOTFOUND|ENODATA|ESERVFAIL|EREFUSED|EAI_\w+|ETIMEOUT|EBADNAME|EBADRESP)$/, 'name_not_resolved'],
  [/CERT|^UNABLE_TO_VERIFY|^ERR_TLS/, 'certificate_invalid'],
];

function reasonOf(error: unknown): WebhookFailureReason {
  if (error instanceof AddressNotAllowed) return 'address_not_allowed';
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  return reasonsByCode.find(([pattern]) => pattern.test(code))?.[1] ?? 'connection_failed';
}
