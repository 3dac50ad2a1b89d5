import { BlockList, isIPv6 } from 'node:net';
import { ApiKey, asSystem, type Database } from '#persistence';

/** Writing the last use on every request would make each read a write. */
const noteAfterMilliseconds = 60_000;

/** Whether the address is in one of the networks (CIDR); none named means any. An IPv4 address in IPv6 form is the IPv4 address. */
export function isFromNetworks(address: string, networks: readonly string[]): boolean {
  if (networks.length === 0) return true;
  const list = new BlockList();
  for (const network of networks) {
    const [base = '', bits = ''] = network.split('/');
    list.addSubnet(base, Number(bits), isIPv6(base) ? 'ipv6' : 'ipv4');
  }
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/** Notes, once a minute at most, that the key is in use. */
export async function noteUse(database: Database, key: { id: string; lastUsedAt: Date | null }, now: Date) {
  if (key.lastUsedAt && now.getTime() - key.lastUsedAt.getTime() <= noteAfterMilliseconds) return;
  await database.transaction(asSystem, (em) => em.nativeUpdate(ApiKey, { id: key.id }, { lastUsedAt: now }));
}

/** Whether a use from elsewhere goes on record: once a minute at most, however many tries there are. */
export const noteRefusal = (database: Database, id: string, now: Date): Promise<boolean> =>
  database.transaction(asSystem, async (em) => {
    const before = new Date(now.getTime() - noteAfterMilliseconds);
    const changed = await em.nativeUpdate(
      ApiKey,
      { id, $or: [{ refusedAt: null }, { refusedAt: { $lt: before } }] },
      { refusedAt: now },
    );
    return changed > 0;
  });
