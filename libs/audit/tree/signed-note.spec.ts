import { describe, expect, it } from '@jest/globals';
import { signingKeyFrom } from '../signing.ts';
import { isOriginOf, parseCheckpoint, signHead, signerOf } from './checkpoint.ts';
import { Frontier, leafHash } from './merkle.ts';
import {
  cosignedAt,
  cosignNote,
  formatNamedKey,
  isSignedBy,
  parseNamedKey,
  parseNote,
  type NamedKey,
} from './signed-note.ts';

const log = signingKeyFrom(Buffer.alloc(32, 7));
const other = signingKeyFrom(Buffer.alloc(32, 8));
const witness = signingKeyFrom(Buffer.alloc(32, 9));
const witnessKey: NamedKey = { name: 'witness.example/w1', type: 'cosignature', publicKey: witness.publicKey };
const organizationId = '019aa1f0-7c3e-7cc1-9d0a-5f3c1b2a4d5e';
const origin = `countersign.example.com/audit/${organizationId}`;

const tree = new Frontier();
for (const event of ['one', 'two', 'three']) tree.add(leafHash(Buffer.from(event)));
const note = signHead({ origin, size: tree.size, root: tree.root() }, log);

describe('a signed note', () => {
  it('is the one of other programs: the example of the Go package that the format comes from', () => {
    const key = parseNamedKey('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW');
    const parsed = parseNote(
      'If you think cryptography is the answer to your problem,\n' +
        "then you don't know what your problem is.\n\n" +
        '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n',
    );
    if (!key || !parsed) throw new Error('The example was not read');
    expect(isSignedBy(parsed, key)).toBe(true);
    expect(isSignedBy({ ...parsed, text: parsed.text.replace('answer', 'Answer') }, key)).toBe(false);
    expect(isSignedBy(parsed, { ...key, name: 'EnochRoot' })).toBe(false);
  });

  it.each([
    ['without a signature', 'text\n'],
    ['without a line feed at its end', note.slice(0, -1)],
    ['with a control character', note.replace('example', 'exam\tple')],
    ['with something else among its signatures', `${note}and so on\n`],
    ['with a signature that is too short', 'text\n\n— name AAAA\n'],
  ])('is none %s', (_what, text) => {
    expect(parseNote(text)).toBeNull();
  });

  it('keeps the key and its id together in a word, and refuses a word whose id does not fit', () => {
    const word = formatNamedKey(witnessKey);
    expect(parseNamedKey(word)).toEqual(witnessKey);
    expect(
      parseNamedKey(word.replace(/\+([\da-f])/, (_, digit: string) => `+${digit === '0' ? '1' : '0'}`)),
    ).toBeNull();
    expect(parseNamedKey('witness.example')).toBeNull();
  });
});

describe('a checkpoint', () => {
  it('tells origin, size and root in three lines, signed in the name of the log', () => {
    expect(note.split('\n').slice(0, 4)).toEqual([origin, '3', tree.root().toString('base64'), '']);
    const checkpoint = parseCheckpoint(note);
    if (!checkpoint) throw new Error('The checkpoint was not read');
    expect(checkpoint).toMatchObject({ origin, size: 3, root: tree.root() });
    expect(signerOf(checkpoint, [other.publicKey, log.publicKey])).toBe(log.publicKey);
    expect(signerOf(checkpoint, [other.publicKey])).toBeUndefined();
    expect(isOriginOf(origin, organizationId)).toBe(true);
  });

  it.each([
    ['with a size that begins with a zero', note.replace('\n3\n', '\n03\n')],
    ['with a root of another length', note.replace(tree.root().toString('base64'), 'AAAA')],
    ['without an origin', note.replace(origin, '')],
  ])('is none %s', (_what, text) => {
    expect(parseCheckpoint(text)).toBeNull();
  });
});

describe('a countersignature', () => {
  const seconds = 1_764_079_200;
  const cosigned = `${note}${cosignNote(parseNote(note)?.text ?? '', witnessKey.name, witness, seconds)}`;

  it('states when the witness saw the checkpoint, beside the signature of the log', () => {
    const checkpoint = parseCheckpoint(cosigned);
    if (!checkpoint) throw new Error('The checkpoint was not read');
    expect(signerOf(checkpoint, [log.publicKey])).toBe(log.publicKey);
    expect(cosignedAt(checkpoint.note, witnessKey)).toBe(seconds);
  });

  it('is of nobody else, of no other time and for no other checkpoint', () => {
    const parsed = parseNote(cosigned);
    if (!parsed) throw new Error('The note was not read');
    expect(cosignedAt(parsed, { ...witnessKey, publicKey: other.publicKey })).toBeNull();
    expect(cosignedAt(parsed, { ...witnessKey, name: 'witness.example/w2' })).toBeNull();
    expect(cosignedAt({ ...parsed, text: parsed.text.replace('\n3\n', '\n4\n') }, witnessKey)).toBeNull();
    const [, line] = parsed.signatures;
    if (!line) throw new Error('There are two signatures');
    const later = Buffer.from(line.bytes);
    later.writeBigUInt64BE(BigInt(seconds + 1), 4);
    expect(cosignedAt({ ...parsed, signatures: [{ ...line, bytes: later }] }, witnessKey)).toBeNull();
  });

  it('does not stand for a signature of the log, even by the same key', () => {
    const byLog = cosignNote(parseNote(note)?.text ?? '', origin, log, seconds);
    const checkpoint = parseCheckpoint(`${parseNote(note)?.text}\n${byLog}`);
    if (!checkpoint) throw new Error('The checkpoint was not read');
    expect(signerOf(checkpoint, [log.publicKey])).toBeUndefined();
  });
});
