import { request as requestHttp, type ClientRequest } from 'node:http';
import { request as requestHttps, type RequestOptions } from 'node:https';
import { isAllowedUrl } from './allowed-url.ts';
import { AddressNotAllowed, publicLookup, type Resolve } from './public-lookup.ts';

/** How far requests to addresses that tenants chose may reach. */
export interface Reach {
  /** Plain http, this machine and private networks, too. */
  allowPrivate: boolean;
  /** Finds the addresses of a name where private networks are not reached; default: DNS. */
  resolve?: Resolve;
}

/**
 * A request to an address that a tenant chose, to be ended by the caller. Node's own never follows a redirect, which
 * could lead where the address itself may not.
 * @throws AddressNotAllowed for an address that may not be asked; for a name that leads to one, it is the request's error.
 */
export function openRequest(
  url: string,
  { allowPrivate, resolve }: Reach,
  options: Pick<RequestOptions, 'method' | 'headers' | 'signal'>,
): ClientRequest {
  // Sockets look up names only: an address in the URL is judged here.
  if (!isAllowedUrl(url, { allowPrivate })) throw new AddressNotAllowed();
  const target = new URL(url);
  const request = target.protocol === 'https:' ? requestHttps : requestHttp;
  return request(target, {
    ...options,
    // A connection of its own: one that was kept would have been checked for another moment.
    agent: false,
    ...(!allowPrivate && { lookup: publicLookup(resolve) }),
  });
}
