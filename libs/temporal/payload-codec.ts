import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';

const { Payload: wire } = proto.temporal.api.common.v1;

const encoding = 'binary/encrypted';
const cipherName = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;
const text = (value: string) => new TextEncoder().encode(value);

/** Encrypts every payload, so that Temporal's histories hold nothing readable. The key has 32 bytes. */
export class EncryptionCodec implements PayloadCodec {
  constructor(private readonly key: Buffer) {}

  async encode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv(cipherName, this.key, nonce);
      const plain = wire.encode(payload).finish();
      const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
      return {
        metadata: { encoding: text(encoding) },
        data: Buffer.concat([nonce, cipher.getAuthTag(), sealed]),
      };
    });
  }

  async decode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => {
      const named = payload.metadata?.['encoding'];
      if (!named || new TextDecoder().decode(named) !== encoding || !payload.data) return payload;
      const bytes = Buffer.from(payload.data);
      const decipher = createDecipheriv(cipherName, this.key, bytes.subarray(0, nonceBytes));
      decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
      const plain = Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]);
      return wire.decode(plain);
    });
  }
}
