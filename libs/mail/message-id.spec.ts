import { describe, expect, it } from '@jest/globals';
import { messageIdFor } from './message-id.ts';

const parts = {
  kind: 'invite.sign-up',
  rowId: '01939f5a-7c00-7000-8000-000000000001',
  accountOrAddressKey: 'jon@harbour.example',
  version: 1,
};

describe('messageIdFor', () => {
  it('gives a retry the same id', () => {
    expect(messageIdFor({ ...parts }, 'mail.example')).toBe(messageIdFor({ ...parts }, 'mail.example'));
  });

  it('gives another mail, row, recipient or version another id', () => {
    const ids = [
      parts,
      { ...parts, kind: 'invite.welcome' },
      { ...parts, rowId: '01939f5a-7c00-7000-8000-000000000002' },
      { ...parts, accountOrAddressKey: 'maria@harbour.example' },
      { ...parts, version: 2 },
      { ...parts, kind: 'invite.sign-up0', rowId: parts.rowId.slice(1) },
    ].map((each) => messageIdFor(each, 'mail.example'));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('shows neither the address nor the row', () => {
    expect(messageIdFor(parts, 'mail.example')).toMatch(/^<[0-9a-f]{40}@mail\.example>$/);
  });

  it.each(['', 'a b', 'x>\r\nBcc: y', '-a.example', 'a..b'])('refuses %j as the domain', (domain) => {
    expect(() => messageIdFor(parts, domain)).toThrow(TypeError);
  });
});
