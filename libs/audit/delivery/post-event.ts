import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { Webhook as Signer } from 'standardwebhooks';
import type { AuditEventView, WebhookFailureReason } from '#contracts';
import { AddressNotAllowed, publicLookup, type Resolve } from './public-lookup.ts';
import { isAllowedWebhookUrl } from './webhook-url.ts';

export interface EventPost {
  url: string;
  /** Every secret that signs, `whsec_…`; the present one first. */
  secrets: readonly string[];
  event: AuditEventView;
  /** The moment of this attempt. */
  at: Date;
}

export interface PostOptions {
  /** Plain http and private networks, too. */
  allowPrivate: boolean;
  timeoutMilliseconds?: number;
  /** Finds the addresses of a name where private networks are not reached; default: DNS. */
  resolve?: Resolve;
}

export type PostOutcome =
  { delivered: true } | { delivered: false; reason: WebhookFailureReason; status: number | null };

/** From the name's lookup to the answer's head, in milliseconds. */
export const postTimeoutMilliseconds = 10_000;
/** Receivers may say something; nobody reads it, and nobody waits for all of it. */
const mostAnswerBytes = 16 * 1024;

/**
 * Sends one event as Standard Webhooks say (standardwebhooks.com). Any 2xx counts as delivered. Redirects are not
 * followed: they could lead where the address itself may not.
 */
export async function postEvent(post: EventPost, options: PostOptions): Promise<PostOutcome> {
  if (!isAllowedWebhookUrl(post.url, options)) return failed('address_not_allowed');
  try {
    const status = await send(post, options);
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
  { url, secrets, event, at }: EventPost,
  { allowPrivate, timeoutMilliseconds = postTimeoutMilliseconds, resolve: resolveName }: PostOptions,
): Promise<number> {
  const body = JSON.stringify({ type: event.action, timestamp: event.at, data: event });
  const request = url.startsWith('https:') ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method: 'POST',
      // A connection of its own: one that was kept would have been checked for another moment.
      agent: false,
      signal: AbortSignal.timeout(timeoutMilliseconds),
      ...(!allowPrivate && { lookup: publicLookup(resolveName) }),
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'Countersign-Webhooks/1',
        'webhook-id': event.id,
        'webhook-timestamp': Math.floor(at.getTime() / 1000),
        'webhook-signature': secrets.map((secret) => new Signer(secret).sign(event.id, at, body)).join(' '),
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
