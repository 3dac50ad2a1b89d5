import { describe, expect, it } from '@jest/globals';
import { isAllowedUrl } from './allowed-url.ts';

describe('an address that a tenant chose', () => {
  const allowed = (url: string, allowPrivate = false) => isAllowedUrl(url, { allowPrivate });

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
    'https://localhost:8443/',
    'https://api.LOCALHOST./',
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
