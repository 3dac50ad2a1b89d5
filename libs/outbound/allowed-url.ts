import { isIP } from 'node:net';
import { isPublicAddress } from './public-address.ts';

/** Names of the machine itself wherever they are asked (RFC 6761). */
const localhost = /(^|\.)localhost\.?$/;

/**
 * Whether an address that a tenant chose may be asked, as far as it tells itself. What a name leads to is looked at when
 * it is connected to, each time (public-lookup.ts).
 */
export function isAllowedUrl(text: string, { allowPrivate }: { allowPrivate: boolean }): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, hostname } = new URL(text);
  // They would be shown to everybody who may see the address; no receiver and no provider needs them.
  if (username || password) return false;
  if (allowPrivate) return protocol === 'https:' || protocol === 'http:';
  if (protocol !== 'https:' || localhost.test(hostname)) return false;
  // The parser has made plain addresses of `2130706433` and `0x7f.1` already.
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return isIP(host) === 0 || isPublicAddress(host);
}
