import { isIP } from 'node:net';
import { isPublicAddress } from './public-address.ts';

/**
 * Whether events may be sent there, as far as the address itself tells. What a name leads to is looked at when it is
 * connected to, each time (public-lookup.ts).
 */
export function isAllowedWebhookUrl(text: string, { allowPrivate }: { allowPrivate: boolean }): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, hostname } = new URL(text);
  // They would be shown to everybody who may see the webhook; the signature says who sends.
  if (username || password) return false;
  if (allowPrivate) return protocol === 'https:' || protocol === 'http:';
  // The parser has made plain addresses of `2130706433` and `0x7f.1` already.
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return protocol === 'https:' && (isIP(host) === 0 || isPublicAddress(host));
}
