import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { keyIdOf, type Keys } from '#config';

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;
/** The id of the key, then what it sealed; what was sealed before keys had ids is the second part alone. */
const form = /^(?:([\da-f]{8})\.)?([\w-]+)$/;

/** Encrypts a secret that must be read again, such as a client secret, with the first of the keys; each has 32 bytes. */
export function seal([key]: Keys, secret: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key, nonce);
  const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
  return `${keyIdOf(key)}.${Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')}`;
}

/** Throws where the text was changed or sealed with none of the keys. */
export function unseal(keys: Keys, sealed: string): string {
  const [, keyId, text = ''] = form.exec(sealed) ?? [];
  const bytes = Buffer.from(text, 'base64url');
  const able = keys.filter((key) => keyId === undefined || keyIdOf(key) === keyId);
  for (const key of able) {
    try {
      return opened(key, bytes);
    } catch {
      // Of another key, or changed.
    }
  }
  throw new Error(`Sealed with a key that is not among the payload keys${keyId === undefined ? '' : ` (${keyId})`}`);
}

function opened(key: Buffer, bytes: Buffer): string {
  const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes));
  decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
  return Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]).toString('utf8');
}
