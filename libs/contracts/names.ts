import { domainToASCII, domainToUnicode } from 'node:url';
import unhomoglyph from 'unhomoglyph';
import type { z } from 'zod';
import type { ErrorCode } from './errors.ts';

/**
 * Which names people may go by. What a name looks like is all that others have to tell people apart, so nothing in it
 * may be invisible, turn the text around it, or pass for other letters (Unicode Technical Reports 36 and 39). The
 * judgement is by Unicode properties of the running engine, and by its table of confusable characters.
 */

const faults = {
  invisible: 'Characters that nobody sees, or that turn text around, are not allowed',
  unassigned: 'There are characters in it that mean nothing to others',
  mixed_scripts: 'A word has letters of several scripts, some of which look alike',
  looks_like_another: 'It reads as another name, written with letters that look the same',
  stacked_marks: 'There are too many marks upon one letter',
  not_in_user_names: "Only letters, digits and the signs . _ - + ' are allowed, beginning with a letter or digit",
} as const;
export type NameFault = keyof typeof faults;

// Spaces of every width; controls are folded, too, since they come along when a name is pasted.
const blanks = /[\p{Cc}\p{Zs}\u2028\u2029]+/gu;
/** Letters and digits of another cut, such as full-width and mathematical ones, that are plain ones in truth. */
const otherCuts = /[\p{Lu}\p{Ll}\p{Nd}]/gu;

/** As display names are kept: NFC, one blank between words, letters in their ordinary cut. */
export const foldDisplayName = (text: string): string =>
  text
    .replace(blanks, ' ')
    .trim()
    .replace(otherCuts, (letter) => letter.normalize('NFKC'))
    .normalize('NFC');

/** As user names are kept and compared (RFC 8265, case-mapped). */
export const foldUsername = (text: string): string => text.trim().normalize('NFKC').toLowerCase().normalize('NFKC');

/** Joiners where a script has a use for them (RFC 5892, A.1 and A.2), and emoji as they are recommended. */
const withPurpose =
  /(?<=[\p{scx=Arab}\p{scx=Syrc}\p{scx=Deva}\p{scx=Beng}\p{scx=Guru}\p{scx=Gujr}\p{scx=Orya}\p{scx=Taml}\p{scx=Telu}\p{scx=Knda}\p{scx=Mlym}\p{scx=Sinh}\p{scx=Khmr}\p{scx=Mymr}\p{scx=Tibt}])[\u200C\u200D](?=\p{L})|\p{RGI_Emoji}/gv;
const invisible = /[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Cf}\p{Zl}\p{Zp}\p{Cc}\u2800]/u;
const unassigned = /[\p{Cn}\p{Co}\p{Cs}]/u;
const stackedMarks = /\p{Mn}{4}/u;

/** Scripts in general use (Unicode Standard Annex 31, table 5), and the ones that are written together. */
const single = ['Armn', 'Beng', 'Bopo', 'Cyrl', 'Deva', 'Ethi', 'Geor', 'Grek', 'Gujr', 'Guru', 'Hebr', 'Khmr', 'Knda'];
const further = ['Laoo', 'Latn', 'Mlym', 'Mymr', 'Orya', 'Sinh', 'Taml', 'Telu', 'Thaa', 'Thai', 'Tibt', 'Arab'];
const together = [
  ['Latn', 'Hani', 'Hira', 'Kana'],
  ['Latn', 'Hani', 'Bopo'],
  ['Latn', 'Hani', 'Hang'],
];
const ofScripts = (scripts: readonly string[]) => scripts.map((script) => String.raw`\p{scx=${script}}`).join('');
const scriptSets = [...[...single, ...further].map((script) => [script]), ...together];
const wordsOfOne = scriptSets.map((set) => new RegExp(`^[${ofScripts([...set, 'Zyyy', 'Zinh'])}]*$`, 'u'));
const inGeneralUse = new RegExp(`[${ofScripts([...single, ...further, 'Hani', 'Hira', 'Kana', 'Hang'])}]`, 'u');

/** The highly restrictive level of Unicode Technical Standard 39, for one word. */
const isOfOneScript = (word: string): boolean => wordsOfOne.some((pattern) => pattern.test(word));

/** Letters that are none of ASCII, and all of which are drawn as if they were. */
function passesForLatin(word: string): boolean {
  // oxlint-disable-next-line no-control-regex
  const ascii = /^[\u0000-\u007f]*$/;
  return !ascii.test(word) && ascii.test(unhomoglyph(word));
}

const ofAnyName = (text: string): NameFault | null => {
  const bare = text.replace(withPurpose, '');
  if (unassigned.test(bare)) return 'unassigned';
  if (invisible.test(bare)) return 'invisible';
  return stackedMarks.test(bare.normalize('NFD')) ? 'stacked_marks' : null;
};

/** What is wrong with a name that others read; null where nothing is. Expects it folded. */
export function displayNameFault(name: string): NameFault | null {
  const fault = ofAnyName(name);
  if (fault) return fault;
  // Scripts out of general use are nobody's to be mistaken for, as long as they stand alone.
  const words = name.replace(withPurpose, '').split(/[^\p{L}\p{M}\p{N}]+/u);
  return words.every((word) => isOfOneScript(word) || !inGeneralUse.test(word)) ? null : 'mixed_scripts';
}

/** What is wrong with a name that somebody signs in by; null where nothing is. Expects it folded. */
export function usernameFault(name: string): NameFault | null {
  const fault = ofAnyName(name) ?? (name.match(/[\u200C\u200D]/) ? 'invisible' : null);
  if (fault) return fault;
  if (!/^[\p{L}\p{N}][\p{L}\p{M}\p{N}._+'@-]*$/u.test(name)) return 'not_in_user_names';
  if (!isOfOneScript(name)) return 'mixed_scripts';
  return passesForLatin(name) ? 'looks_like_another' : null;
}

/** What is wrong with an internationalized address (RFC 6531); null where nothing is. */
export function addressFault(address: string): NameFault | null {
  const { local, domain } = partsOf(address);
  // RFC 5890 ASCII form; empty where the domain is none (UTS 46).
  const unicode = domainToUnicode(domainToASCII(domain));
  if (unicode === '' || !unicode.includes('.')) return 'unassigned';
  for (const label of [...local.split('.'), ...unicode.split('.')]) {
    const fault = ofAnyName(label);
    if (fault) return fault;
    if (!isOfOneScript(label)) return 'mixed_scripts';
    if (passesForLatin(label)) return 'looks_like_another';
  }
  return null;
}

const partsOf = (address: string) => {
  const at = address.lastIndexOf('@');
  return { local: address.slice(0, at), domain: address.slice(at + 1) };
};

/** Addresses compare case-insensitively throughout, and domains by their ASCII form. */
export function normalizeAddress(address: string): string {
  const { local, domain } = partsOf(address.trim().normalize('NFC').toLowerCase());
  // oxlint-disable-next-line no-control-regex
  const isAscii = /^[\u0000-\u007f]*$/.test(domain);
  return `${local}@${isAscii ? domain : domainToASCII(domain) || domain}`;
}

/** What somebody types to sign in: an address or a user name. */
export const normalizeLogin = (login: string): string =>
  login.includes('@') ? normalizeAddress(login) : foldUsername(login);

/** Adds to what a schema found wrong; the refusal has a code of its own. */
export function refuseName(
  context: z.core.$RefinementCtx,
  fault: NameFault | null,
  refusal: Extract<ErrorCode, 'name_not_acceptable' | 'address_not_acceptable'>,
): void {
  if (fault) context.addIssue({ code: 'custom', message: faults[fault], params: { refusal, reason: fault } });
}
