import { createCipheriv, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import {
  ApplicationFailure,
  defaultPayloadConverter,
  type Payload,
  type WorkflowSerializationContext,
} from '@temporalio/common';
import proto from '@temporalio/proto';
import { keyIdOf, type Keys } from '#config';
import { failureConverter } from './failure-converter.ts';
import { EncryptionCodec } from './payload-codec.ts';

const canary = 'maria@harbour.example';
const textOf = (payload: unknown) => Buffer.from(JSON.stringify(payload)).toString();
const [former, present, coming] = [randomBytes(32), randomBytes(32), randomBytes(32)];

const of = (workflowId: string): WorkflowSerializationContext => ({
  type: 'workflow',
  namespace: 'default',
  workflowId,
});
const mine = of('elevation:1');

async function sealed(keys: Keys, value: unknown, context = mine): Promise<Payload> {
  const [payload] = await new EncryptionCodec(keys).encode([defaultPayloadConverter.toPayload(value)], context);
  return payload!;
}

async function opened(keys: Keys, payload: Payload, context = mine): Promise<unknown> {
  const [plain] = await new EncryptionCodec(keys).decode([payload], context);
  return defaultPayloadConverter.fromPayload(plain!);
}

describe('the payload codec', () => {
  it('gives back what it encrypted, and shows nothing of it before', async () => {
    const payload = await sealed([present], { rowId: canary });
    expect(Buffer.from(payload.data ?? []).includes(canary)).toBe(false);
    expect(Object.keys(payload.metadata ?? {})).toEqual(['encoding', 'encryption-key-id']);
    expect(await opened([present], payload)).toEqual({ rowId: canary });
  });

  it('refuses what was changed', async () => {
    const payload = await sealed([present], 'x');
    const data = Buffer.from(payload.data ?? []);
    data[data.length - 1] = (data.at(-1) ?? 0) ^ 1;
    await expect(opened([present], { ...payload, data })).rejects.toThrow();
  });

  it('opens what any key of the ring has sealed, and says by id which one is missing', async () => {
    const old = await sealed([former], 'old');
    expect(await opened([present, former], old)).toBe('old');
    // A process that has the next key already seals with it; those that know it open it before they do.
    expect(await opened([present, coming], await sealed([coming, present], 'new'))).toBe('new');
    await expect(opened([present], old)).rejects.toThrow(keyIdOf(former));
    expect((await sealed([present, former], 'x')).metadata?.['encryption-key-id']).toEqual(
      new TextEncoder().encode(keyIdOf(present)),
    );
  });

  it('opens it in the workflow it was sealed for: whoever runs Temporal can not put it into another', async () => {
    const payload = await sealed([present], { rowId: 'one' });
    await expect(opened([present], payload, of('elevation:2'))).rejects.toThrow();
    const { encoding } = payload.metadata ?? {};
    // Nor by taking the key's id away, so that it looks like one of before.
    await expect(opened([present], { ...payload, metadata: { encoding: encoding! } })).rejects.toThrow();
    await expect(new EncryptionCodec([present]).encode([defaultPayloadConverter.toPayload('x')])).rejects.toThrow(
      'no workflow',
    );
  });

  it.each([
    ['as JSON', defaultPayloadConverter.toPayload({ rowId: 'made up' })],
    ['as nothing', defaultPayloadConverter.toPayload(undefined)],
    ['that only says it is encrypted', { metadata: { encoding: new TextEncoder().encode('binary/encrypted') } }],
  ])('refuses a payload in clear text, %s', async (_how, payload) => {
    await expect(opened([present], payload)).rejects.toThrow('clear text');
  });

  it('opens what was sealed before keys had ids', async () => {
    const plain = proto.temporal.api.common.v1.Payload.encode(defaultPayloadConverter.toPayload('before')).finish();
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', former, nonce);
    const text = Buffer.concat([cipher.update(plain), cipher.final()]);
    const payload = {
      metadata: { encoding: new TextEncoder().encode('binary/encrypted') },
      data: Buffer.concat([nonce, cipher.getAuthTag(), text]),
    };
    expect(await opened([present, former], payload)).toBe('before');
    await expect(opened([present], payload)).rejects.toThrow('not among the payload keys');
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
