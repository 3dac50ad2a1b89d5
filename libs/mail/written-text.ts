/**
 * Makes text that a person wrote harmless inside a mail of ours. Nothing is refused: a strange name must not keep a
 * notice from being sent.
 */

/** Names longer than this are cut; also what keeps a subject line short. */
const longestLine = 120;
const longestQuote = 2000;
const mostQuotedLines = 40;

/** Controls, halves of characters, line and paragraph separators. */
const breaking = /[\p{Cc}\p{Cs}\u2028\u2029]/gu;

/** Marks without a shape that hide or reverse what follows; the joiners that Persian, Hindi and emoji need stay. */
const unseen = /[\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/gu;

/** The text without marks that hide or reverse what follows. */
export const withoutUnseen = (text: string): string => text.replace(unseen, '');

/** What mail programs turn into a link by themselves: something with a scheme, or words joined by dots. */
const linkLike = /[a-z][a-z\d+.-]*:\/\/\S*|(?:[\p{L}\p{N}-]+\.)+\p{L}{2,}\S*/giu;

const zeroWidthNonJoiner = '\u200C';

/** An invisible mark after each dot and colon keeps mail programs from making a link out of somebody's words. */
function withoutLinks(text: string): string {
  return text.replace(linkLike, (match) => match.replace(/[.:]/g, (sign) => sign + zeroWidthNonJoiner));
}

/** Cuts after `longest` characters, never inside one that takes two code units. */
function cut(text: string, longest: number): string {
  // Twice as many code units hold that many characters at least; the rest need not be split.
  const characters = Array.from(text.slice(0, longest * 2 + 2));
  return characters.length <= longest
    ? text
    : `${characters
        .slice(0, longest - 1)
        .join('')
        .trimEnd()}…`;
}

/** One line: line breaks and controls become spaces, runs of blanks one blank. */
export function foldLine(text: string, longest = longestLine): string {
  const head = text.slice(0, longest * 8);
  return cut(head.replace(unseen, '').replace(breaking, ' ').replace(/\s+/gu, ' ').trim(), longest);
}

/** A name, ticket or other short text inside a sentence of ours. */
export function writtenLine(text: string, longest = longestLine): string {
  return withoutLinks(foldLine(text, longest)) || '(nothing entered)';
}

/** A longer text as lines, each folded, without empty lines at either end. */
export function writtenLines(text: string): string[] {
  const head = cut(text.slice(0, longestQuote * 4), longestQuote);
  const lines = head.split(/\r\n|[\r\n\u0085\u2028\u2029\v\f]/u).map((line) => foldLine(line, longestQuote));
  const shown = lines.join('\n').trim().split('\n');
  const kept = shown.length > mostQuotedLines ? [...shown.slice(0, mostQuotedLines), '…'] : shown;
  return kept.map((line) => withoutLinks(line));
}
