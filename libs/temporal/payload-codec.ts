import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import proto from '@temporalio/proto';
import { keyIdOf, type Keys } from '#config';

const { Payload: wire } = proto.temporal.api.common.v1;

const encoding = 'binary/encrypted';
const keyIdField = 'encryption-key-id';
const cipherName = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;
const bytesOf = (value: string) => new TextEncoder().encode(value);
const textOf = (value: Uint8Array | null | undefined) => new TextDecoder().decode(value ?? new Uint8Array());

/**
 * Encrypts every payload with the first of the keys, so that Temporal's histories hold nothing readable, and nothing that
 * whoever runs Temporal could write: what is in clear text is refused, and a payload opens in the workflow it was sealed
 * for and in no other. Each key has 32 bytes. What was sealed before keys had ids is bound to no workflow and opens with any of the keys.
 */
export class EncryptionCodec implements PayloadCodec {
  private readonly keysById: ReadonlyMap<string, Buffer>;

  constructor(private readonly keys: Keys) {
    this.keysById = new Map(keys.map((key) => [keyIdOf(key), key]));
  }

  async encode(payloads: Payload[], context?: SerializationContext): Promise<Payload[]> {
    const [key] = this.keys;
    return payloads.map((payload) => {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv(cipherName, key, nonce);
      cipher.setAAD(workflowOf(context));
      const plain = wire.encode(payload).finish();
      const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
      return {
        metadata: { encoding: bytesOf(encoding), [keyIdField]: bytesOf(keyIdOf(key)) },
        data: Buffer.concat([nonce, cipher.getAuthTag(), sealed]),
      };
    });
  }

  async decode(payloads: Payload[], context?: SerializationContext): Promise<Payload[]> {
    return payloads.map((payload) => {
      if (textOf(payload.metadata?.['encoding']) !== encoding || !payload.data) {
        throw new Error('A payload in clear text, which none of ours is');
      }
      const keyId = payload.metadata?.[keyIdField];
      const bytes = Buffer.from(payload.data);
      if (!keyId) return this.decodedBefore(bytes);
      const key = this.keysById.get(textOf(keyId));
      if (!key) throw new Error(`A payload of the key ${textOf(keyId)}, which is not among the payload keys`);
      return opened(key, bytes, workflowOf(context));
    });
  }

  private decodedBefore(bytes: Buffer): Payload {
    for (const key of this.keys) {
      try {
        return opened(key, bytes);
      } catch {
        // Of another key, or changed.
      }
    }
    throw new Error('A payload of a key that is not among the payload keys');
  }
}

function opened(key: Buffer, bytes: Buffer, associated?: Buffer): Payload {
  const decipher = createDecipheriv(cipherName, key, bytes.subarray(0, nonceBytes));
  if (associated) decipher.setAAD(associated);
  decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
  const plain = Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]);
  return wire.decode(plain);
}

/** Whose payload it is: an activity's belongs to the workflow that scheduled it. */
function workflowOf(context: SerializationContext | undefined): Buffer {
  if (!context?.workflowId) throw new Error('A payload of no workflow');
  return Buffer.from(context.workflowId);
}

/** Ids of the keys that sealed payloads anywhere within, as in a history. */
export function payloadKeyIdsIn(message: unknown, found = new Set<string>()): Set<string> {
  if (typeof message !== 'object' || message === null || ArrayBuffer.isView(message)) return found;
  const { metadata } = message as Payload;
  const keyId = metadata?.[keyIdField];
  if (keyId instanceof Uint8Array) found.add(textOf(keyId));
  for (const member of Object.values(message)) payloadKeyIdsIn(member, found);
  return found;
}
