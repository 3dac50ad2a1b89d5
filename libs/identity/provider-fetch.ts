import type { CustomFetchOptions } from 'openid-client';
import { Refusal } from '#contracts';
import { AddressNotAllowed, isAllowedUrl, openRequest, type Reach } from '#outbound';

export interface ProviderReach extends Reach {
  /** In production a provider is reached over TLS only; elsewhere plain http to this machine will do. */
  production: boolean;
}

/** From the name's lookup to the end of the answer. */
export const providerTimeoutSeconds = 5;
/** Metadata, keys and tokens are a few kilobytes; more is not an answer. */
const largestAnswerBytes = 512 * 1024;

const loopbackHosts = new Set(['localhost', '127.0.0.1', '[::1]']);

/** A tenant's administrator names the provider, and its metadata names more addresses: each is judged before it is asked. */
export function isProviderUrl(text: string, reach: ProviderReach): boolean {
  if (!isAllowedUrl(text, reach)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (!reach.production && loopbackHosts.has(hostname));
}

/**
 * What `fetch` does, for an address of a tenant's identity provider: with the whole body, and without redirects.
 * @throws Refusal `sso_misconfigured` where the address or what its name leads to may not be asked, `sso_unavailable`
 * where nobody answers in time, `sso_failed` where the answer is larger than any honest one.
 */
export async function fetchFromProvider(
  url: string,
  { method, headers, body, signal }: Pick<CustomFetchOptions, 'method' | 'headers' | 'body' | 'signal'>,
  reach: ProviderReach,
): Promise<Response> {
  if (!isProviderUrl(url, reach)) throw new Refusal('sso_misconfigured');
  const timeout = AbortSignal.timeout(providerTimeoutSeconds * 1000);
  try {
    const sent = Buffer.from(await new Response(body ?? null).arrayBuffer());
    return await send(url, reach, {
      method,
      // Nothing here unpacks what is compressed.
      headers: { ...headers, 'accept-encoding': 'identity' },
      body: sent,
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
  } catch (error) {
    if (error instanceof Refusal) throw error;
    if (error instanceof AddressNotAllowed) throw new Refusal('sso_misconfigured');
    throw new Refusal('sso_unavailable', { retryAfterSeconds: 5 });
  }
}

interface Sent {
  method: string;
  headers: Record<string, string>;
  body: Buffer;
  signal: AbortSignal;
}

function send(url: string, reach: Reach, { body, ...options }: Sent): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = openRequest(url, reach, options);
    // Stays on: the end of the connection may be told to the request and to the answer.
    request.on('error', reject);
    request.once('response', (response) => {
      const { statusCode: status, headersDistinct } = response;
      const headers = Object.entries(headersDistinct).flatMap(([name, values = []]) =>
        values.map((value): [string, string] => [name, value]),
      );
      wholeOf(response)
        .then((answer) => new Response(answer, { status, headers }))
        .then(resolve, reject);
    });
    request.end(body);
  });
}

/** The whole body, refused once it is larger than any honest answer; leaving the loop closes the connection. */
async function wholeOf(body: AsyncIterable<Buffer>): Promise<Buffer<ArrayBuffer> | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > largestAnswerBytes) throw new Refusal('sso_failed');
    chunks.push(chunk);
  }
  return chunks.length > 0 ? Buffer.concat(chunks) : null;
}
