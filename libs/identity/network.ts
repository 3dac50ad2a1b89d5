import { isIPv6 } from 'node:net';

/**
 * Whom a source address stands for: itself in IPv4, its /64 in IPv6, where one household or server has 2^64 addresses
 * to choose from. An IPv4 address in IPv6 form is the IPv4 address.
 */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  if (!isIPv6(address)) return address;
  const [head = '', tail = ''] = address.split('::');
  const groups = head.split(':').filter(Boolean);
  const last = tail.split(':').filter(Boolean);
  const whole = address.includes('::')
    ? [...groups, ...Array<string>(8 - groups.length - last.length).fill('0'), ...last]
    : groups;
  return whole
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
