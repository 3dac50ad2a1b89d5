import { Resolver } from 'node:dns/promises';
import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { callbackify } from 'node:util';
import { isPublicAddress } from './public-address.ts';

/** The name leads, at least in part, to where nothing is sent. */
export class AddressNotAllowed extends Error {
  override readonly name = 'AddressNotAllowed';
}

/** The addresses of a name. */
export type Resolve = (hostname: string) => Promise<LookupAddress[]>;

/**
 * A `lookup` for sockets that refuses a name one of whose addresses is not public. The socket connects to an address
 * that was checked here, so a name that answers differently a moment later gains nothing.
 */
export function publicLookup(resolve: Resolve = resolveByDns): LookupFunction {
  const lookUp = callbackify(async (hostname: string): Promise<[LookupAddress, ...LookupAddress[]]> => {
    const [first, ...others] = await resolve(hostname);
    if (!first) throw Object.assign(new Error('The name has no address'), { code: 'ENODATA' });
    if (![first, ...others].every(({ address }) => isPublicAddress(address))) throw new AddressNotAllowed();
    return [first, ...others];
  });
  return (hostname, options, callback) =>
    lookUp(hostname, (error, addresses) => {
      if (error) return callback(error, []);
      if (options.all) return callback(null, addresses);
      return callback(null, addresses[0].address, addresses[0].family);
    });
}

/**
 * Asks the name servers itself: the system's resolver works on the few threads of the whole process, and a slow name
 * server of one tenant would hold them all.
 */
async function resolveByDns(hostname: string): Promise<LookupAddress[]> {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  const [four, six] = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
  const found = [
    ...(four.status === 'fulfilled' ? four.value.map((address) => ({ address, family: 4 })) : []),
    ...(six.status === 'fulfilled' ? six.value.map((address) => ({ address, family: 6 })) : []),
  ];
  if (found.length === 0 && four.status === 'rejected') throw four.reason;
  return found;
}
