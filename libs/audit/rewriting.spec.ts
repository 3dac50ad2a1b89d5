import { MikroORM } from '@mikro-orm/postgresql';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uuidv7 } from 'uuidv7';
import { asSealer, asSystem, Database } from '#persistence';
import { countersign } from '../../test/support/cli.ts';
import { createMigratedDatabase, type MigratedDatabase } from '../../test/support/migrated-database.ts';
import { chainHash, genesisHash } from './chain.ts';
import {
  erasePersonalData,
  exportEvents,
  faults,
  formatAddCheckpoint,
  growTree,
  laggingTrees,
  parseCheckpoint,
  readCheckpoint,
  readConsistency,
  record,
  sealEvents,
  signingKeyFrom,
  verifyChain,
  verifyExport,
  Witness,
  WitnessState,
} from './index.ts';
import { signCheckpoint } from './signing.ts';
import { Frontier } from './tree/merkle.ts';
import { formatEdge, leafOf } from './tree/tree-store.ts';

const key = signingKeyFrom(Buffer.alloc(32, 7));
const forger = signingKeyFrom(Buffer.alloc(32, 8));
const witnessKey = signingKeyFrom(Buffer.alloc(32, 9));
const witnessName = 'witness.example/w1';
const cosigner = { name: witnessName, type: 'cosignature', publicKey: witnessKey.publicKey } as const;
const trusted = { publicKey: key.publicKey };

let migrated: MigratedDatabase;
let database: Database;
/** Whoever owns the database: no trigger, no policy and no grant stops them. They don't have the signing key. */
let owner: MikroORM;
let folder: string;
let customer: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-witness-'));
  migrated = await createMigratedDatabase();
  database = await Database.open({ databaseUrl: migrated.url });
  owner = new MikroORM({
    clientUrl: migrated.url,
    entities: [],
    discovery: { warnWhenNoEntities: false },
    // What is set for the connection must hold however long nothing is said on it.
    pool: { max: 1, idleTimeoutMillis: 0 },
  });
  await owner.connect();
  await owner.em.getConnection().execute('set session_replication_role = replica');
});

afterAll(async () => {
  await owner.close(true);
  await database.close();
  await migrated.drop();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(() => {
  customer = uuidv7();
});

const as = <Row extends object>(sql: string, values: unknown[] = []) =>
  owner.em.getConnection().execute<Row[]>(sql, values);

async function happen(count: number, organizationId = customer): Promise<void> {
  for (let left = count; left > 0; left -= 1) {
    await database.transaction(asSystem, async (em) => {
      record(em, {
        action: 'elevation.approved',
        actor: { kind: 'account', id: uuidv7(), by: 'full_administrator' },
        organizationIds: [organizationId],
        subject: { kind: 'elevation', id: uuidv7() },
        facts: { durationSeconds: 3600 },
        personal: { reason: 'Phones do not register' },
        at: new Date(),
      });
    });
  }
  await sealEvents(database, key);
}

async function exported(organizationId = customer): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of exportEvents(database, asSystem, organizationId)) lines.push(line);
  return lines;
}

const checkpoint = () => database.transaction(asSystem, (em) => readCheckpoint(em, customer));

/** Takes everything after the position away, as if it had never happened. */
async function cutAfter(position: number): Promise<void> {
  const cut = 'select event_id from audit_seal where organization_id = ? and position > ?';
  await as(`delete from audit_event where id in (${cut})`, [customer, position]);
  await as('delete from audit_seal where organization_id = ? and position > ?', [customer, position]);
}

/** The checkpoint row as it is now, to be put back later. */
async function keepCheckpoint(): Promise<() => Promise<void>> {
  const [row] = await as('select to_jsonb(audit_checkpoint) as kept from audit_checkpoint where organization_id = ?', [
    customer,
  ]);
  const kept = JSON.stringify((row as { kept: object }).kept);
  return async () => {
    await as('delete from audit_checkpoint where organization_id = ?', [customer]);
    await as('insert into audit_checkpoint select * from jsonb_populate_record(null::audit_checkpoint, ?::jsonb)', [
      kept,
    ]);
  };
}

/** Somebody else is made the one who approved, and every hash after that is computed anew. */
async function changeApprover(position: number): Promise<void> {
  const [seal] = await as<{ id: string }>(
    `update audit_event set actor = jsonb_set(actor, '{id}', to_jsonb(gen_random_uuid()::text))
     where id = (select event_id from audit_seal where organization_id = ? and position = ?) returning id`,
    [customer, position],
  );
  if (!seal) throw new Error('Nothing was changed');
}

async function reseal(): Promise<void> {
  const tree = new Frontier();
  let previousHash = genesisHash;
  for (const line of await exported()) {
    const { type, ...event } = JSON.parse(line);
    if (type !== 'event') continue;
    const hash = chainHash(previousHash, { organizationId: customer, position: event.position }, event);
    await as('update audit_seal set previous_hash = ?, hash = ? where organization_id = ? and position = ?', [
      previousHash,
      hash,
      customer,
      event.position,
    ]);
    tree.add(leafOf(hash));
    previousHash = hash;
  }
  await as('update audit_checkpoint set hash = ?, edge = ? where organization_id = ?', [
    previousHash,
    formatEdge(tree),
    customer,
  ]);
}

async function newWitness(): Promise<{ look: () => Promise<number>; head: () => ReturnType<typeof parseCheckpoint> }> {
  const state = await WitnessState.open(join(folder, `${uuidv7()}.json`));
  const witness = new Witness({ name: witnessName, key: witnessKey, state, keysOf: async () => [key.publicKey] });
  const origin = `countersign/audit/${customer}`;
  const head = () => parseCheckpoint(state.noteOf(origin) ?? '');
  return {
    head,
    async look() {
      const note = (await checkpoint()) ?? '';
      const from = head()?.size ?? 0;
      const to = parseCheckpoint(note)?.size ?? 0;
      const proof = await database.transaction(asSystem, (em) => readConsistency(em, customer, Math.min(from, to), to));
      const { status } = await witness.addCheckpoint(formatAddCheckpoint(from, proof ?? [], note));
      if (status === 200) await keepCosignature(state.noteOf(origin) ?? '', to);
      return status;
    },
  };
}

async function keepCosignature(note: string, size: number): Promise<void> {
  await database.transaction(asSealer, (em) =>
    em.execute(
      `insert into audit_cosignature (organization_id, witness, size, note, at) values (?, ?, ?, ?, now())
       on conflict (organization_id, witness) do update set size = excluded.size, note = excluded.note`,
      [customer, witnessName, size, note],
    ),
  );
}

describe('the owner of the database, without the signing key,', () => {
  it('cuts the tail off: the checkpoint tells, and an older export names the place', async () => {
    await happen(6);
    const older = await exported();
    await cutAfter(4);
    const newer = await exported();
    expect((await verifyExport(newer, trusted)).firstInvalid).toEqual({ position: 5, why: 'missing' });
    expect((await verifyExport(newer, { ...trusted, against: { lines: older } })).firstInvalid).toEqual({
      position: 5,
      why: 'truncated',
    });
  });

  it('restores an old checkpoint over a cut tail: an older export and a witness tell', async () => {
    await happen(4);
    const restore = await keepCheckpoint();
    await happen(3);
    const witness = await newWitness();
    expect(await witness.look()).toBe(200);
    const older = await exported();
    await cutAfter(4);
    await restore();
    const newer = await exported();
    // The service has signed this once: nothing within the export can tell.
    expect(
      await verifyExport(newer.with(0, newer[0]!.replace(/"witnessed":\[.*?\],/, '"witnessed":[],')), trusted),
    ).toMatchObject({ valid: true, events: 4 });
    const restored = { position: 5, why: 'checkpoint_restored' };
    expect((await verifyExport(newer, { ...trusted, against: { lines: older } })).firstInvalid).toEqual(restored);
    expect((await verifyExport(newer, { ...trusted, against: { head: witness.head()! } })).firstInvalid).toEqual(
      restored,
    );
    expect((await verifyExport(newer, { ...trusted, witnesses: [cosigner] })).firstInvalid).toEqual(restored);
    expect(await witness.look()).toBe(400);
  });

  it('restores an old checkpoint and lets the sealer go on from there: the fork is named', async () => {
    await happen(4);
    const restore = await keepCheckpoint();
    await happen(3);
    const witness = await newWitness();
    expect(await witness.look()).toBe(200);
    const older = await exported();
    await cutAfter(4);
    await restore();
    await happen(5);
    const newer = await exported();
    expect((await verifyExport(newer, { ...trusted, against: { lines: older } })).firstInvalid).toMatchObject({
      position: 5,
      why: 'rewritten',
    });
    const before = { position: 7, why: 'rewritten_before' };
    expect((await verifyExport(newer, { ...trusted, against: { head: witness.head()! } })).firstInvalid).toEqual(
      before,
    );
    expect((await verifyExport(newer, { ...trusted, witnesses: [cosigner] })).firstInvalid).toEqual(before);
    expect(await witness.look()).toBe(422);
  });

  it('changes an approver and computes every hash anew: the signed root tells, an older export names the event', async () => {
    await happen(5);
    const older = await exported();
    await changeApprover(2);
    await reseal();
    const newer = await exported();
    expect((await verifyExport(newer, trusted)).firstInvalid).toMatchObject({
      position: 5,
      why: 'checkpoint_mismatch',
    });
    expect((await verifyExport(newer, { ...trusted, against: { lines: older } })).firstInvalid).toMatchObject({
      position: 2,
      why: 'rewritten',
    });
  });

  it('gets no signature of the sealer over what was put in place of the signed tree', async () => {
    await happen(5);
    await changeApprover(2);
    await reseal();
    await happen(1);
    expect((await verifyExport(await exported(), trusted)).firstInvalid).toMatchObject({
      position: 6,
      why: 'not_covered',
    });
    expect(await growTree(database, key, customer)).toBe(false);
  });

  it('signs the rewritten trail with a key of their own: it is not the published one', async () => {
    await happen(3);
    await changeApprover(2);
    await as('delete from audit_checkpoint where organization_id = ?', [customer]);
    await as(`update audit_event set sealed_at = null where organization_ids @> array[?::uuid]`, [customer]);
    await as('delete from audit_seal where organization_id = ?', [customer]);
    await sealEvents(database, forger);
    expect((await verifyExport(await exported(), trusted)).firstInvalid).toMatchObject({
      position: 3,
      why: 'signature_invalid',
    });
  });

  it('lets the sealer seal a rewritten trail from its beginning: an older export and a witness tell', async () => {
    await happen(5);
    const older = await exported();
    const witness = await newWitness();
    expect(await witness.look()).toBe(200);
    await changeApprover(2);
    await as('delete from audit_checkpoint where organization_id = ?', [customer]);
    await as(`update audit_event set sealed_at = null where organization_ids @> array[?::uuid]`, [customer]);
    await as('delete from audit_seal where organization_id = ?', [customer]);
    await happen(2);
    const newer = await exported();
    expect(await verifyExport(newer, trusted)).toMatchObject({ valid: true, events: 7 });
    expect((await verifyExport(newer, { ...trusted, against: { lines: older } })).firstInvalid).toMatchObject({
      position: 2,
      why: 'rewritten',
    });
    expect((await verifyExport(newer, { ...trusted, witnesses: [cosigner] })).firstInvalid).toEqual({
      position: 5,
      why: 'rewritten_before',
    });
    expect(await witness.look()).toBe(422);
    await as('delete from audit_cosignature where organization_id = ?', [customer]);
    expect((await verifyExport(await exported(), { ...trusted, witnesses: [cosigner] })).firstInvalid).toEqual({
      position: 1,
      why: 'not_witnessed',
    });
  });
});

describe('`countersign audit verify`, with an older export,', () => {
  /** What was exported before, what the owner of the database did then, and what the command calls it. */
  const attacks: Readonly<Record<string, { why: keyof typeof faults; attack: () => Promise<void> }>> = {
    'a tail that was deleted': { why: 'truncated', attack: () => cutAfter(4) },
    'an old checkpoint that was restored': {
      why: 'checkpoint_restored',
      attack: async () => {
        await cutAfter(4);
        await restoreEarlier();
      },
    },
    'an approver that was changed, and every hash after it': {
      why: 'rewritten',
      attack: async () => {
        await changeApprover(2);
        await reseal();
      },
    },
  };
  let restoreEarlier: () => Promise<void>;

  it.each(Object.keys(attacks))('names %s', async (name) => {
    const { why, attack } = attacks[name]!;
    await happen(4);
    restoreEarlier = await keepCheckpoint();
    await happen(2);
    const file = async (lines: string[]) => {
      const path = join(folder, `${uuidv7()}.jsonl`);
      await writeFile(path, lines.join('\n'));
      return path;
    };
    const older = await file(await exported());
    const verify = async (newer: string) =>
      countersign(['audit', 'verify', newer, '--public-key', key.publicKey, '--against', older]);
    expect(await verify(older)).toMatchObject({ code: 0, output: expect.stringContaining('Valid: 6 events') });
    await attack();
    const { code, output } = await verify(await file(await exported()));
    expect(code).not.toBe(0);
    expect(output).toContain(faults[why]);
  });
});

describe('an honest trail', () => {
  it('continues every older export and checkpoint of it, and what a witness saw', async () => {
    await happen(3);
    const [older, head] = [await exported(), parseCheckpoint((await checkpoint()) ?? '')];
    const witness = await newWitness();
    expect([await witness.look(), await witness.look()]).toEqual([200, 200]);
    await happen(4);
    const newer = await exported();
    for (const against of [{ lines: older }, { head: head! }, { head: witness.head()! }, { lines: newer }]) {
      expect(await verifyExport(newer, { ...trusted, against })).toMatchObject({ valid: true, events: 7 });
    }
    expect(await verifyExport(newer, { ...trusted, witnesses: [cosigner] })).toMatchObject({
      valid: true,
      witnesses: [{ name: witnessName, position: 3 }],
    });
    expect(await witness.look()).toBe(200);
  });

  it('is no longer enough where the witness has signed nothing for more than a day', async () => {
    await happen(3);
    const witness = await newWitness();
    await witness.look();
    await happen(1);
    const lines = await exported();
    const tomorrow = new Date(Date.now() + 25 * 3_600_000).toISOString();
    const later = lines.with(0, lines[0]!.replace(/"exportedAt":"[^"]+"/, `"exportedAt":"${tomorrow}"`));
    expect((await verifyExport(later, { ...trusted, witnesses: [cosigner] })).firstInvalid).toEqual({
      position: 4,
      why: 'witness_behind',
    });
  });

  it('continues as before when somebody was erased from it', async () => {
    await happen(2);
    const older = await exported();
    const [{ actor } = { actor: { id: '' } }] = await as<{ actor: { id: string } }>(
      'select actor from audit_event where organization_ids @> array[?::uuid]',
      [customer],
    );
    expect(await database.transaction(asSystem, (em) => erasePersonalData(em, customer, actor.id))).toEqual(
      new Map([[customer, 1]]),
    );
    expect(await verifyExport(await exported(), { ...trusted, against: { lines: older } })).toMatchObject({
      valid: true,
    });
  });
});

describe('a chain from before there were trees', () => {
  /** Makes the trail what it was when checkpoints signed the head of the chain. */
  async function asBefore(signer = key): Promise<void> {
    const [end] = await as<{ position: number; hash: string }>(
      'select position, hash from audit_seal where organization_id = ? order by position desc limit 1',
      [customer],
    );
    const head = { organizationId: customer, position: end!.position, hash: end!.hash, at: '2026-11-22T09:30:00.000Z' };
    await as('delete from audit_tree_node where organization_id = ?', [customer]);
    await as(
      `update audit_checkpoint set note = null, origin = null, edge = '', tree_size = 0, signature = ?, at = ?, key_id = ?, public_key = ?
       where organization_id = ?`,
      [signCheckpoint(signer, head).signature, head.at, signer.keyId, signer.publicKey, customer],
    );
  }

  it('is carried over piece by piece, while sealing goes on, and its old exports are its beginning', async () => {
    await happen(5);
    await asBefore();
    const older = await exported();
    expect(JSON.parse(older[0]!).format).toBe('countersign-audit/1');
    expect(await verifyExport(older, trusted)).toMatchObject({ valid: true, events: 5 });
    await happen(2);
    expect(await verifyChain(database, asSystem, customer, trusted)).toMatchObject({
      valid: false,
      firstInvalid: { position: 6, why: 'not_covered' },
    });
    expect(await laggingTrees(database)).toContain(customer);
    expect(await growTree(database, key, customer, { chunkSize: 3 })).toBe(true);
    expect(await laggingTrees(database)).not.toContain(customer);
    const newer = await exported();
    expect(JSON.parse(newer[0]!).format).toBe('countersign-audit/2');
    expect(await verifyExport(newer, { ...trusted, against: { lines: older } })).toMatchObject({
      valid: true,
      events: 7,
    });
    await happen(1);
    expect(await verifyChain(database, asSystem, customer, trusted)).toMatchObject({ valid: true, events: 8 });
  });

  it('is carried over where nothing happens any more, too', async () => {
    await happen(4);
    await asBefore();
    expect(await growTree(database, key, customer)).toBe(true);
    expect(await verifyChain(database, asSystem, customer, trusted)).toMatchObject({ valid: true, events: 4 });
  });

  it.each([
    [
      'a seal of it was changed',
      () => as("update audit_seal set hash = 'x' where organization_id = ? and position = 4", [customer]),
    ],
    ['its tail was cut', () => cutAfter(2)],
    ['its middle is gone', () => as('delete from audit_seal where organization_id = ? and position = 2', [customer])],
    ['somebody else signed it', () => asBefore(forger)],
  ])('is not signed anew where %s', async (_what, attack) => {
    await happen(4);
    await asBefore();
    await attack();
    expect(await growTree(database, key, customer)).toBe(false);
    expect(await verifyChain(database, asSystem, customer, trusted)).toMatchObject({ valid: false });
  });
});

describe('an export from before there were trees', () => {
  const fixture = async () =>
    (await readFile(new URL('./fixtures/chain-export.jsonl', import.meta.url), 'utf8')).split('\n');

  it('verifies as it did, the erased part of it included', async () => {
    expect(await verifyExport(await fixture(), trusted)).toEqual({
      valid: true,
      events: 9,
      checkpoint: { position: 9, hash: 'dzB8fcuWaQbWpxn4-gVk7vau9NfzbqyY-6SZK3cNHfU', at: '2026-11-25T14:35:16.881Z' },
    });
  });

  it('is still told from a changed one', async () => {
    const lines = await fixture();
    const changed = lines.with(2, lines[2]!.replace('elevation.approved', 'elevation.denied'));
    expect((await verifyExport(changed, trusted)).firstInvalid).toMatchObject({ position: 2, why: 'changed' });
    expect((await verifyExport(lines, { publicKey: forger.publicKey })).firstInvalid).toMatchObject({
      why: 'wrong_key',
    });
  });
});
