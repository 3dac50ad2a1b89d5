import type { LookupAddress } from 'node:dns';
import { describe, expect, it } from '@jest/globals';
import { isPublicAddress } from './public-address.ts';
import { AddressNotAllowed, publicLookup } from './public-lookup.ts';
import { isAllowedWebhookUrl } from './webhook-url.ts';

const notPublic = [
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.1',
  '192.168.1.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:a00:1',
  '::7f00:1',
  '64:ff9b::a00:1',
  'fc00::1',
  'fd12:3456::1',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
  '2001::1',
  '2001:db8::1',
  '2002:7f00:1::',
  'localhost',
  '',
];

const isPublic = ['1.1.1.1', '93.184.215.14', '172.15.0.1', '172.32.0.1', '2606:4700::1111', '2a00:1450:4001::1'];

describe('the public internet', () => {
  it.each(notPublic)('does not have %s', (address) => expect(isPublicAddress(address)).toBe(false));
  it.each(isPublic)('has %s', (address) => expect(isPublicAddress(address)).toBe(true));
});

describe('the address of a webhook', () => {
  const allowed = (url: string, allowPrivate = false) => isAllowedWebhookUrl(url, { allowPrivate });

  it.each([
    'https://hooks.example.com/countersign?team=4',
    'https://hooks.example.com:8443/',
    'https://1.1.1.1/',
    'https://[2606:4700::1111]/',
  ])('may be %s', (url) => expect(allowed(url)).toBe(true));

  it.each([
    'http://hooks.example.com/',
    'ftp://hooks.example.com/',
    'https://ada:secret@hooks.example.com/',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://169.254.169.254/latest/meta-data',
    'nowhere',
  ])('is not %s', (url) => expect(allowed(url)).toBe(false));

  it('is a local server where that is allowed, but never carries a password', () => {
    expect(allowed('http://127.0.0.1:4000/', true)).toBe(true);
    expect(allowed('http://ada:secret@127.0.0.1:4000/', true)).toBe(false);
  });
});

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
