import { createHash, hkdfSync } from 'node:crypto';
import { KEY_LENGTH_BYTES } from './environment.ts';

/** A ring: the first seals and signs, all of them open and verify. */
export type Keys = readonly [Buffer, ...Buffer[]];

/**
 * A key for one purpose (`invite-token`, say), 32 bytes, from the payload key by HKDF-SHA-256 (RFC 5869): the purposes share one
 * secret to keep, and a key that leaks says nothing about the others.
 */
export function deriveKey(payloadKey: Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', payloadKey, Buffer.alloc(0), `countersign/${purpose}`, KEY_LENGTH_BYTES));
}

/** The keys for one purpose of every payload key there is, in the same order. */
export function deriveKeys([present, ...others]: Keys, purpose: string): Keys {
  return [deriveKey(present, purpose), ...others.map((key) => deriveKey(key, purpose))];
}

/** Names a key without telling anything of it: eight hexadecimal digits. */
export function keyIdOf(key: Uint8Array): string {
  return createHash('sha256').update('countersign/key-id').update(key).digest('hex').slice(0, 8);
}

/** What may be stored of a key to know it again by: derived from it as every other use is, so that it opens nothing. */
export const checkValueOf = (key: Uint8Array): string => deriveKey(key, 'check-value').toString('base64url');
