import { hkdfSync } from 'node:crypto';
import { KEY_LENGTH_BYTES } from './environment.ts';

/**
 * A key for one purpose (`invite-token`, say), 32 bytes, from the payload key by HKDF-SHA-256 (RFC 5869): the purposes share one
 * secret to keep, and a key that leaks says nothing about the others.
 */
export function deriveKey(payloadKey: Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', payloadKey, Buffer.alloc(0), `countersign/${purpose}`, KEY_LENGTH_BYTES));
}
