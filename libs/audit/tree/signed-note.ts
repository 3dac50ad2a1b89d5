import { createHash, sign } from 'node:crypto';
import { verifiesWith, type SigningKey } from '../signing.ts';

/** The C2SP signed-note format: a text, an empty line, and signatures of keys that have names. */
export interface SignedNote {
  /** Ends with a line feed. */
  text: string;
  signatures: readonly NoteSignature[];
}

export interface NoteSignature {
  name: string;
  /** Four bytes of key id, then what the signature type says. */
  bytes: Buffer;
}

/** A public key somebody was told to trust, with its name: C2SP calls it a verifier key. */
export interface NamedKey {
  name: string;
  type: NoteKeyType;
  /** Ed25519, 32 bytes, base64url. */
  publicKey: string;
}

export const noteKeyTypes = { ed25519: 0x01, cosignature: 0x04 } as const;
export type NoteKeyType = keyof typeof noteKeyTypes;

const keyIdBytes = 4;
const timeBytes = 8;
const dash = '\u2014';
const longestNote = 64 * 1024;

export function noteKeyId({ name, type, publicKey }: NamedKey): Buffer {
  return createHash('sha256')
    .update(`${name}\n`)
    .update(Buffer.of(noteKeyTypes[type]))
    .update(publicKey, 'base64url')
    .digest()
    .subarray(0, keyIdBytes);
}

/** A signature line with its line feed, over a text that ends with one. */
export function signNote(text: string, name: string, key: SigningKey): string {
  const id = noteKeyId({ name, type: 'ed25519', publicKey: key.publicKey });
  return signatureLine(name, Buffer.concat([id, sign(null, Buffer.from(text), key.privateKey)]));
}

/** As `signNote`, a C2SP cosignature/v1 of a checkpoint: it states the time, in whole seconds since 1970. */
export function cosignNote(text: string, name: string, key: SigningKey, seconds: number): string {
  const id = noteKeyId({ name, type: 'cosignature', publicKey: key.publicKey });
  const time = Buffer.alloc(timeBytes);
  time.writeBigUInt64BE(BigInt(seconds));
  const signature = sign(null, cosignedText(text, seconds), key.privateKey);
  return signatureLine(name, Buffer.concat([id, time, signature]));
}

/** Null where the text is no signed note. */
export function parseNote(note: string): SignedNote | null {
  // eslint-disable-next-line no-control-regex
  if (note.length > longestNote || /[\u0000-\u0009\u000b-\u001f]/.test(note) || !note.endsWith('\n')) return null;
  const end = note.lastIndexOf('\n\n');
  if (end < 0) return null;
  const signatures: NoteSignature[] = [];
  for (const line of note.slice(end + 2, -1).split('\n')) {
    const signature = parseSignatureLine(line);
    if (!signature) return null;
    signatures.push(signature);
  }
  return { text: note.slice(0, end + 1), signatures };
}

/** Null where the line is no signature line; it is given without its line feed. */
export function parseSignatureLine(line: string): NoteSignature | null {
  const [, name, base64] = new RegExp(`^${dash} ([^\\s+]+) ([A-Za-z0-9+/]+=*)$`, 'u').exec(line) ?? [];
  if (!name || !base64) return null;
  const bytes = Buffer.from(base64, 'base64');
  return bytes.length > keyIdBytes ? { name, bytes } : null;
}

/** False for every other key, text or signature. */
export function isSignedBy(note: SignedNote, key: NamedKey): boolean {
  return signaturesOf(note, key).some(({ bytes }) =>
    verifiesWith(key.publicKey, Buffer.from(note.text), bytes.subarray(keyIdBytes).toString('base64url')),
  );
}

/** When the witness cosigned the checkpoint, in seconds since 1970; null where it did not. The latest of several. */
export function cosignedAt(note: SignedNote, key: NamedKey): number | null {
  const times = signaturesOf(note, key).flatMap(({ bytes }) => {
    if (bytes.length <= keyIdBytes + timeBytes) return [];
    const seconds = Number(bytes.readBigUInt64BE(keyIdBytes));
    const signature = bytes.subarray(keyIdBytes + timeBytes).toString('base64url');
    return verifiesWith(key.publicKey, cosignedText(note.text, seconds), signature) ? [seconds] : [];
  });
  return times.length > 0 ? Math.max(...times) : null;
}

/** A named key as one word: name, key id and key, joined by plus signs. */
export function formatNamedKey(key: NamedKey): string {
  const bytes = Buffer.concat([Buffer.of(noteKeyTypes[key.type]), Buffer.from(key.publicKey, 'base64url')]);
  return `${key.name}+${noteKeyId(key).toString('hex')}+${bytes.toString('base64')}`;
}

/** Null where the word is no Ed25519 verifier key whose id fits. */
export function parseNamedKey(word: string): NamedKey | null {
  const [, name, id, base64] = /^([^\s+]+)\+([\da-f]{8})\+([A-Za-z0-9+/]+=*)$/u.exec(word) ?? [];
  if (!name || !id || !base64) return null;
  const bytes = Buffer.from(base64, 'base64');
  const type = (Object.keys(noteKeyTypes) as NoteKeyType[]).find((one) => noteKeyTypes[one] === bytes[0]);
  if (!type || bytes.length !== 33) return null;
  const key = { name, type, publicKey: bytes.subarray(1).toString('base64url') };
  return noteKeyId(key).toString('hex') === id ? key : null;
}

function signaturesOf(note: SignedNote, key: NamedKey): readonly NoteSignature[] {
  const id = noteKeyId(key);
  return note.signatures.filter(({ name, bytes }) => name === key.name && bytes.subarray(0, keyIdBytes).equals(id));
}

function signatureLine(name: string, bytes: Buffer): string {
  return `${dash} ${name} ${bytes.toString('base64')}\n`;
}

function cosignedText(text: string, seconds: number): Buffer {
  return Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`);
}
