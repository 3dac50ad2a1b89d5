import { randomBytes } from 'node:crypto';

/** What must be found nowhere in clear, and what is data that only named places may hold. */
export const secretKinds = ['password', 'token'] as const;
export const dataKinds = ['name', 'address', 'username', 'reason', 'ticket', 'header'] as const;
export type CanaryKind = (typeof secretKinds)[number] | (typeof dataKinds)[number];

export interface Canary {
  kind: CanaryKind;
  /** Where it was put, for the report. */
  what: string;
  /** Letters and digits that occur nowhere else. */
  value: string;
}

export interface Sighting {
  canary: Canary;
  /** Where and around what. */
  place: string;
}

/** Base64 of the text as it stands within something longer: its bytes may begin at three places of a group. */
function withinBase64(text: string): string[] {
  return [0, 1, 2].map((offset) => {
    const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(text)]);
    // Characters that also depend on what stands before and after are left out.
    const firstWhole = Math.ceil((offset * 8) / 6);
    return bytes.toString('base64').slice(firstWhole, Math.floor((bytes.length * 8) / 6));
  });
}

/** The ways a value may be written down, as a search for it in text. */
export function formsOf(value: string): RegExp {
  const literal = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
  const anyCase = [value, Buffer.from(value).toString('hex'), encodeURIComponent(value)];
  const exact = withinBase64(value).flatMap((text) => [text, text.replaceAll('+', '-').replaceAll('/', '_')]);
  const eitherCase = (text: string) =>
    literal(text).replaceAll(/[a-z]/gi, (letter) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`);
  return new RegExp([...new Set([...anyCase.map(eitherCase), ...exact.map(literal)])].join('|'));
}

/** Makes canaries and looks for them. */
export class LeakSearch {
  private readonly canaries: { canary: Canary; forms: RegExp }[] = [];

  /** A new canary: a word to be put into a name, a reason, … */
  make(kind: CanaryKind, what: string): string {
    return this.watch(kind, what, `zq${randomBytes(9).toString('hex')}`);
  }

  /** Looks for a value that somebody else made, such as a token. */
  watch(kind: CanaryKind, what: string, value: string): string {
    if (value.length < 16) throw new Error(`${what} is too short to be told from an accident: ${value}`);
    this.canaries.push({ canary: { kind, what, value }, forms: formsOf(value) });
    return value;
  }

  of(kinds: readonly CanaryKind[]): Canary[] {
    return this.canaries.map(({ canary }) => canary).filter(({ kind }) => kinds.includes(kind));
  }

  /** Which of them occur in the text. */
  find(place: string, text: string): Sighting[] {
    return this.canaries.flatMap(({ canary, forms }) => {
      const at = text.search(forms);
      if (at === -1) return [];
      return [{ canary, place: `${place}: …${text.slice(Math.max(0, at - 60), at + 60)}…` }];
    });
  }
}

/** Every string and every byte of a message, however deep: bytes as text and as base64 would hide them. */
export function everythingIn(value: unknown): string {
  const seen: string[] = [];
  const walk = (one: unknown): void => {
    if (typeof one === 'string') seen.push(one);
    else if (one instanceof Uint8Array) seen.push(Buffer.from(one).toString('latin1'));
    else if (Array.isArray(one)) one.forEach(walk);
    else if (one instanceof Map) [...one].forEach(walk);
    else if (typeof one === 'object' && one !== null) {
      for (const [key, inner] of Object.entries(one)) {
        seen.push(key);
        walk(inner);
      }
    }
  };
  walk(value);
  return seen.join('\n');
}
