import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { countersign } from '../support/cli.ts';
import { environmentOf } from '../support/supervised-process.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;

beforeAll(async () => {
  world = await createWorld();
  await world.startWorker();
}, 120_000);

afterAll(async () => {
  await world?.stop();
});

const publishedKeys = async () => (await world.visitor.get('/.well-known/countersign-audit')).body.keys;

describe('the signing key', () => {
  it('is published for everybody, as `countersign keys public` prints it', async () => {
    const { output } = await countersign(['keys', 'public'], environmentOf(world));
    expect(await publishedKeys()).toMatchObject([{ publicKey: output.trim(), endorsement: null, acceptance: null }]);
  });

  it('is changed by one command that leaves a link both keys have signed', async () => {
    const environment = environmentOf(world);
    const next = randomBytes(32).toString('base64');
    const [before] = await publishedKeys();
    const rotated = await countersign(['keys', 'rotate'], { ...environment, NEXT_SIGNING_KEY: next });
    expect(rotated).toMatchObject({ code: 0, output: expect.stringContaining('Both keys have signed it') });
    const { output } = await countersign(['keys', 'public'], { ...environment, SIGNING_KEY: next });
    const [first, second] = await publishedKeys();
    expect(first).toEqual(before);
    expect(second).toMatchObject({ publicKey: output.trim() });
    expect([second.endorsement, second.acceptance]).toEqual([expect.any(String), expect.any(String)]);
  });

  it('is not changed by whoever has no key of the ring, and says what is missing', async () => {
    const environment = environmentOf(world);
    const foreign = { SIGNING_KEY: randomBytes(32).toString('base64') };
    const next = { NEXT_SIGNING_KEY: randomBytes(32).toString('base64') };
    const before = await publishedKeys();
    const refused = await countersign(['keys', 'rotate'], { ...environment, ...foreign, ...next });
    expect(refused).toMatchObject({ code: 1, errors: expect.stringContaining('none of the keys') });
    const without = await countersign(['keys', 'rotate'], environment);
    expect(without).toMatchObject({ code: 1, errors: expect.stringContaining('NEXT_SIGNING_KEY is missing') });
    expect(await publishedKeys()).toEqual(before);
  });
});
