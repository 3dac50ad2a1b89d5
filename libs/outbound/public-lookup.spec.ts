import type { LookupAddress } from 'node:dns';
import { describe, expect, it } from '@jest/globals';
import { AddressNotAllowed, publicLookup } from './public-lookup.ts';

describe('the lookup of a name', () => {
  const address = (text: string): LookupAddress => ({ address: text, family: text.includes(':') ? 6 : 4 });

  function look(addresses: string[], all = true): Promise<unknown> {
    return new Promise((resolve) =>
      publicLookup(async () => addresses.map(address))('hooks.example.com', { all }, (error, found, family) =>
        resolve(error ?? (all ? found : [found, family])),
      ),
    );
  }

  it('gives the addresses that were checked, and no others, to connect to', async () => {
    expect(await look(['1.1.1.1', '2606:4700::1111'])).toEqual([address('1.1.1.1'), address('2606:4700::1111')]);
    expect(await look(['1.1.1.1'], false)).toEqual(['1.1.1.1', 4]);
  });

  it.each([[['10.0.0.5']], [['1.1.1.1', '10.0.0.5']], [['1.1.1.1', '::1']], [['::ffff:169.254.169.254']]])(
    'refuses a name that leads to %j',
    async (addresses) => expect(await look(addresses)).toBeInstanceOf(AddressNotAllowed),
  );

  it('tells that a name leads nowhere', async () => {
    expect(await look([])).toBeInstanceOf(Error);
  });
});
