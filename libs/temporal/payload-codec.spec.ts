import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { ApplicationFailure, defaultPayloadConverter } from '@temporalio/common';
import { failureConverter } from './failure-converter.ts';
import { EncryptionCodec } from './payload-codec.ts';

const canary = 'maria@harbour.example';
const textOf = (payload: unknown) => Buffer.from(JSON.stringify(payload)).toString();

describe('the payload codec', () => {
  it('gives back what it encrypted, and shows nothing of it before', async () => {
    const codec = new EncryptionCodec(randomBytes(32));
    const payload = defaultPayloadConverter.toPayload({ rowId: canary });
    const [sealed] = await codec.encode([payload]);
    expect(Buffer.from(sealed?.data ?? []).includes(canary)).toBe(false);
    expect(Object.keys(sealed?.metadata ?? {})).toEqual(['encoding']);
    const [opened] = await codec.decode(sealed ? [sealed] : []);
    expect(opened && defaultPayloadConverter.fromPayload(opened)).toEqual({ rowId: canary });
  });

  it('refuses what was changed and what was sealed with another key', async () => {
    const codec = new EncryptionCodec(randomBytes(32));
    const [sealed] = await codec.encode([defaultPayloadConverter.toPayload('x')]);
    const data = Buffer.from(sealed?.data ?? []);
    data[data.length - 1] = (data.at(-1) ?? 0) ^ 1;
    await expect(codec.decode([{ ...sealed, data }])).rejects.toThrow();
    await expect(new EncryptionCodec(randomBytes(32)).decode(sealed ? [sealed] : [])).rejects.toThrow();
  });

  it('lets payloads pass that were written before there was a codec', async () => {
    const payload = defaultPayloadConverter.toPayload('plain');
    expect(await new EncryptionCodec(randomBytes(32)).decode([payload])).toEqual([payload]);
  });

  it('moves messages and stack traces of failures into what is encrypted', () => {
    const failure = failureConverter.errorToFailure(
      ApplicationFailure.nonRetryable(canary, 'some_code'),
      defaultPayloadConverter,
    );
    expect(failure.message).not.toContain(canary);
    expect(failure.stackTrace ?? '').not.toContain(canary);
    expect(textOf(failure.encodedAttributes)).toBeDefined();
    expect(failure.encodedAttributes).not.toBeNull();
  });
});
