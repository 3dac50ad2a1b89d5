import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** What IANA's special-purpose registry takes out of the public IPv4 internet, and multicast. */
const specialIPv4: readonly [string, number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

/** The one part of IPv6 that is given out; everything else (loopback, local, mapped, translated) is not public. */
const globalIPv6: readonly [string, number][] = [['2000::', 3]];

/** Within it: tunnels, which carry an IPv4 address of their own choice, and documentation. */
const specialIPv6: readonly [string, number][] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

function listOf(ranges: readonly [string, number][], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of ranges) list.addSubnet(network, prefix, family);
  return list;
}

const blockedIPv4 = listOf(specialIPv4, 'ipv4');
const reachableIPv6 = listOf(globalIPv6, 'ipv6');
const blockedIPv6 = listOf(specialIPv6, 'ipv6');

/** Whether the IP address is one of the public internet. What is no address is not. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !blockedIPv4.check(address, 'ipv4');
  if (!isIPv6(address)) return false;
  return reachableIPv6.check(address, 'ipv6') && !blockedIPv6.check(address, 'ipv6');
}
