import { describe, expect, it } from '@jest/globals';
import { isFromNetworks } from './api-key-use.ts';

describe('the networks a key may be used from', () => {
  const networks = ['192.0.2.0/24', '2001:db8:1::/48'];
  it.each([
    ['192.0.2.7', true],
    ['::ffff:192.0.2.7', true],
    ['192.0.3.7', false],
    ['2001:db8:1:2::9', true],
    ['2001:db8:2::9', false],
    ['::ffff:198.51.100.1', false],
    ['', false],
    ['no address', false],
  ])('%s: %s', (address, isAllowed) => {
    expect(isFromNetworks(address, networks)).toBe(isAllowed);
  });

  it('are all networks where none is named', () => {
    expect(isFromNetworks('203.0.113.5', [])).toBe(true);
  });
});
