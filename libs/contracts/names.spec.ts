import { describe, expect, it } from '@jest/globals';
import type { z } from 'zod';
import { normalizeAddress, normalizeLogin } from './names.ts';
import { displayName, email, username } from './scalars.ts';

/** The rule that a text breaks; null where it is taken, `form` where it is no name or address at all. */
function faultOf(schema: z.ZodType, text: string): unknown {
  const { error } = schema.safeParse(text);
  if (!error) return null;
  const [issue] = error.issues;
  return issue?.code === 'custom' ? issue.params?.['reason'] : 'form';
}

describe('a name that others read', () => {
  it.each([
    'Ada Lovelace',
    'Zoë Brontë',
    'Mª José Carreño Quiñones',
    "Sinéad O'Connor",
    'Đặng Thị Ngọc Thịnh',
    'Вера Петрова',
    'Ελένη Παπαδοπούλου',
    'Ada Петрова',
    'محمد علی',
    'علی‌رضا',
    'क्‍ष रमेश',
    'שרה לוי',
    '山田 太郎',
    'ヤマダ Taro山田',
    '김연아',
    '王小明 (Max)',
    'ᏣᎳᎩ',
    'Grace 👩‍🚒',
    'Jean-Luc, Ph.D. 3rd',
  ])('is taken as it is: %s', (name) => {
    expect(displayName.parse(name)).toBe(name);
  });

  it.each([
    ['  Ada\t Lovelace\r\n', 'Ada Lovelace'],
    ['Ada\u00A0\u2003Lovelace', 'Ada Lovelace'],
    ['Zoe\u0308', 'Zoë'],
    ['Ａｄａ', 'Ada'],
    ['𝐀𝐝𝐚 𝟏', 'Ada 1'],
    ['ﬁona', 'fiona'],
  ])('%j is kept as %j', (typed, kept) => {
    expect(displayName.parse(typed)).toBe(kept);
  });

  it.each([
    ['a Cyrillic letter in a Latin word', '\u0410da', 'mixed_scripts'],
    ['a Greek letter in a Latin word', 'Ad\u03b1', 'mixed_scripts'],
    ['a Cherokee letter in a Latin word', '\u13aada', 'mixed_scripts'],
    ['text that turns around', 'Ada \u202Ecod.exe', 'invisible'],
    ['an isolate that is never closed', 'Ada \u2066x', 'invisible'],
    ['a right-to-left mark', 'Ada\u200F', 'invisible'],
    ['a zero-width space', 'A\u200Bda', 'invisible'],
    ['a joiner where nothing joins', 'A\u200Dda', 'invisible'],
    ['a soft hyphen', 'A\u00ADda', 'invisible'],
    ['a Hangul filler', '\u3164', 'invisible'],
    ['an empty braille pattern', '\u2800', 'invisible'],
    ['a variation selector', 'A\uFE0Fda', 'invisible'],
    ['tags that nobody sees', 'Ada\u{E0041}', 'invisible'],
    ['a character of private use', 'Ada \uE000', 'unassigned'],
    ['half of a character', 'Ada \uD83D', 'unassigned'],
    ['a tower of marks', 'A\u0301\u0302\u0303\u0304da', 'stacked_marks'],
  ])('is refused with %s', (_what, name, fault) => {
    expect(faultOf(displayName, name)).toBe(fault);
  });
});

describe('a name somebody signs in by', () => {
  it.each(['ada', 'ada.lovelace_1815', "o'connor", 'jürgen', 'вера', 'ελένη', 'ada@acme.example'])(
    'is taken as it is: %s',
    (name) => {
      expect(username.parse(name)).toBe(name);
    },
  );

  it.each([
    ['ADA', 'ada'],
    ['Ａｄａ', 'ada'],
    ['ⅷ', 'viii'],
    ['ju\u0308rgen', 'jürgen'],
  ])('%j is kept as %j, and signs in by either', (typed, kept) => {
    expect(username.parse(typed)).toBe(kept);
    expect(normalizeLogin(typed)).toBe(kept);
  });

  it.each([
    ['one Cyrillic letter', '\u0430da', 'mixed_scripts'],
    ['Cyrillic letters that read as Latin ones', '\u0441\u043e\u0441\u043e', 'looks_like_another'],
    ['a Latin letter drawn as another', '\u0251da', 'looks_like_another'],
    ['a zero-width joiner', 'ad\u200Da', 'invisible'],
    ['a blank', 'ada lovelace', 'not_in_user_names'],
    ['an emoji', 'ada🚀', 'not_in_user_names'],
    ['a slash', 'ada/admin', 'not_in_user_names'],
  ])('is refused with %s', (_what, name, fault) => {
    expect(faultOf(username, name)).toBe(fault);
  });
});

describe('an address', () => {
  it.each([
    'ada@acme.example',
    'Ada.Lovelace+test@acme.example',
    'jürgen@bücher.example',
    'вера@почта.рф',
    'ada@xn--bcher-kva.example',
    'info@xn--p1ai.xn--p1ai',
    '山田@例え.jp',
  ])('of any script is taken: %s', (address) => {
    expect(faultOf(email, address)).toBeNull();
  });

  it.each([
    ['no sign between', 'ada', 'form'],
    ['no domain', 'ada@', 'form'],
    ['no top', 'ada@acme', 'form'],
    ['a second address', 'ada@acme.example,eve@evil.example', 'form'],
    ['a display name', 'Ada <ada@acme.example>', 'form'],
    ['a quoted second', '"eve@evil.example"@acme.example', 'form'],
    ['a Cyrillic letter in the name', '\u0430da@acme.example', 'mixed_scripts'],
    ['a domain that reads as another', 'ada@\u0441\u043e\u0441\u043e.example', 'looks_like_another'],
    ['the same domain, encoded', 'ada@xn--n1aahb.example', 'looks_like_another'],
    ['text that turns around', 'ada\u202E@acme.example', 'invisible'],
    ['no top beyond ASCII', 'ada@bücher', 'unassigned'],
  ])('is refused with %s', (_what, address, fault) => {
    expect(faultOf(email, address)).toBe(fault);
  });

  it.each([
    ['Ada@ACME.example', 'ada@acme.example'],
    ['ada@Bücher.example', 'ada@xn--bcher-kva.example'],
    ['ada@xn--bcher-kva.example', 'ada@xn--bcher-kva.example'],
    ['JU\u0308RGEN@acme.example', 'jürgen@acme.example'],
  ])('%j is compared as %j', (typed, key) => {
    expect(normalizeAddress(typed)).toBe(key);
  });
});
