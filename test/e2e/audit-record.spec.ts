import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { signingKeyFrom, verifyProof } from '#audit';
import { askFor, decide, setElevationStage } from '../support/elevation-stage.ts';
import { eventually } from '../support/eventually.ts';
import { countersign } from '../support/cli.ts';
import { environmentOf } from '../support/supervised-process.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-record-'));
  world = await createWorld();
  await world.startWorker();
}, 120_000);

afterAll(async () => {
  await world?.stop();
  await rm(folder, { recursive: true, force: true });
});

const publishedKeys = async () => (await world.visitor.get('/.well-known/countersign-audit')).body.keys;

/** A decision on the customer's record, sealed. */
async function decided() {
  const stage = await setElevationStage(world);
  const id = await askFor(stage);
  await decide(stage.admin, id, 'approve');
  const events = `/v1/organizations/${stage.customerId}/audit-events`;
  const { admin } = stage;
  const approved = await eventually(async () => {
    const { body } = await admin.http.get(`${events}?action=elevation.approved`);
    expect(body.items[0].position).toEqual(expect.any(Number));
    return body.items[0];
  });
  return { stage, events, approved };
}

const textOf = async (token: string | null, path: string) => {
  const response = await fetch(`${world.baseUrl}${path}`, { headers: { authorization: `Bearer ${token}` } });
  return { status: response.status, text: await response.text() };
};

describe('the record of a decision', () => {
  it('is proven by one command and verified offline; names only where they are disclosed', async () => {
    const { stage, approved } = await decided();
    const environment = { COUNTERSIGN_TOKEN: stage.admin.http.token ?? '' };
    const where = ['--organization', stage.customerId, '--url', world.baseUrl];
    const proven = await countersign(['audit', 'prove', approved.id, ...where], environment);
    expect(proven).toMatchObject({ code: 0, output: expect.stringContaining('c2sp.org/tlog-proof@v1') });
    const file = join(folder, 'decision.tlog-proof');
    await writeFile(file, proven.output);
    const publicKey = signingKeyFrom(world.config.signingKey).publicKey;
    const verified = await countersign(['audit', 'verify', file, '--public-key', publicKey]);
    expect(verified).toMatchObject({ code: 0, output: expect.stringContaining(`Valid: event ${approved.id}`) });
    expect(verified.output).toContain('elevation.approved');
    const proof = `/v1/organizations/${stage.customerId}/audit-events/proof?eventId=${approved.id}`;
    const disclosed = verifyProof((await textOf(stage.admin.http.token, `${proof}&personal=true`)).text);
    expect(disclosed).toMatchObject({ valid: true, event: { id: approved.id, personal: expect.any(Object) } });
    expect(verifyProof(proven.output)).toMatchObject({ valid: true, event: { personal: null } });
  }, 180_000);

  it('is told to whoever reads the trail, and to nobody else', async () => {
    const { events, approved } = await decided();
    const stranger = await setElevationStage(world);
    for (const path of ['checkpoint', 'consistency?from=0&to=1', `proof?eventId=${approved.id}`]) {
      expect((await textOf(stranger.admin.http.token, `${events}/${path}`)).status).toBe(404);
      expect((await textOf(null, `${events}/${path}`)).status).toBe(401);
    }
  });

  it('refuses what never was: a size above the trail, another order, an event of somebody else', async () => {
    const { stage, events } = await decided();
    const other = await decided();
    const { token } = stage.admin.http;
    for (const path of [
      'consistency?from=0&to=100000',
      'consistency?from=2&to=1',
      `proof?eventId=${other.approved.id}`,
    ]) {
      expect((await textOf(token, `${events}/${path}`)).status).toBe(404);
    }
    for (const path of ['consistency?from=-1&to=1', 'consistency?from=1', 'proof?eventId=x']) {
      expect((await textOf(token, `${events}/${path}`)).status).toBe(400);
    }
  });

  it('is countersigned by a witness that looks at it, and later compared with what it saw', async () => {
    const { stage, events } = await decided();
    const { token } = stage.admin.http;
    const publicKey = signingKeyFrom(world.config.signingKey).publicKey;
    const state = join(folder, 'witness.json');
    const argument = ['audit', 'witness', '--once', '--url', world.baseUrl, '--log-key', publicKey];
    argument.push('--name', 'witness.example/w1', '--state', state, '--organization', stage.customerId);
    const looked = await countersign(argument, {
      COUNTERSIGN_TOKEN: token ?? '',
      WITNESS_KEY: randomBytes(32).toString('base64'),
    });
    expect(looked).toMatchObject({ code: 0, output: expect.stringContaining('countersigned') });
    const file = join(folder, 'trail.jsonl');
    const lines = (await textOf(token, `${events}/export`)).text;
    await writeFile(file, lines);
    const same = await countersign(['audit', 'verify', file, '--public-key', publicKey, '--against', state]);
    expect(same).toMatchObject({ code: 0, output: expect.stringContaining('Valid: ') });
  }, 180_000);
});

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
  }, 180_000);

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
  }, 180_000);
});
