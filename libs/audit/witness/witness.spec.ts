import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { uuidv7 } from 'uuidv7';
import { asSystem, Database, databaseNow } from '#persistence';
import { createMigratedDatabase, type MigratedDatabase } from '../../../test/support/migrated-database.ts';
import {
  exportEvents,
  readEventProof,
  record,
  sealEvents,
  signingKeyFrom,
  verifyExport,
  verifyProof,
} from '../index.ts';
import { parseCheckpoint, signHead } from '../tree/checkpoint.ts';
import { consistencyRanges, Frontier, hashOfRange, leafHash, type Subtree } from '../tree/merkle.ts';
import { cosignedAt, parseNote, type NamedKey } from '../tree/signed-note.ts';
import { askWitness, unwitnessed } from './ask-witness.ts';
import { formatAddCheckpoint, Witness } from './witness.ts';
import { WitnessState } from './witness-state.ts';

const log = signingKeyFrom(Buffer.alloc(32, 7));
const other = signingKeyFrom(Buffer.alloc(32, 8));
const key = signingKeyFrom(Buffer.alloc(32, 9));
const name = 'witness.example/w1';
const named: NamedKey = { name, type: 'cosignature', publicKey: key.publicKey };
const origin = 'log.example/audit/one';
const now = 1_764_079_200;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-witness-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** A log that shows whatever tree it is told to. */
function logOf(words: readonly string[], signer = log) {
  const tree = new Frontier();
  const kept = new Map<string, Buffer>();
  for (const word of words) {
    tree.add(leafHash(Buffer.from(word)), ({ height, index }, hash) => kept.set(`${height}/${index}`, hash));
  }
  const hashOf = ({ height, index }: Subtree) => kept.get(`${height}/${index}`) ?? Buffer.alloc(32);
  const note = signHead({ origin, size: tree.size, root: tree.root() }, signer);
  const since = (size: number) =>
    formatAddCheckpoint(
      size,
      consistencyRanges(size, tree.size).map((range) => hashOfRange(range, hashOf)),
      note,
    );
  return { note, since };
}

async function newWitness(path = join(folder, `${uuidv7()}.json`)) {
  const state = await WitnessState.open(path);
  const keysOf = async (asked: string) => (asked === origin ? [log.publicKey] : null);
  return { path, state, witness: new Witness({ name, key, state, keysOf, now: () => now }) };
}

const words = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];

describe('a witness', () => {
  it('countersigns a trail it sees first, what continues it, and the same again', async () => {
    const { witness } = await newWitness();
    for (const [seen, shown] of [
      [0, 3],
      [3, 7],
      [7, 7],
    ] as const) {
      const { note, since } = logOf(words.slice(0, shown));
      const answer = await witness.addCheckpoint(since(seen));
      expect(answer.status).toBe(200);
      const cosigned = parseNote(`${note}${answer.body}`);
      expect(cosigned && cosignedAt(cosigned, named)).toBe(now);
    }
  });

  it('refuses a trail that was rewritten, cut, or goes on from another state than it remembers', async () => {
    const { witness, state } = await newWitness();
    await witness.addCheckpoint(logOf(words.slice(0, 5)).since(0));
    const remembered = state.noteOf(origin);
    expect(await witness.addCheckpoint(logOf(['A', ...words.slice(1)]).since(5))).toMatchObject({ status: 422 });
    expect(await witness.addCheckpoint(logOf(['A', ...words.slice(1, 5)]).since(5))).toMatchObject({ status: 409 });
    expect(await witness.addCheckpoint(logOf(words.slice(0, 3)).since(3))).toEqual({
      status: 409,
      contentType: 'text/x.tlog.size',
      body: '5\n',
    });
    expect(await witness.addCheckpoint(logOf(words).since(0))).toMatchObject({ status: 409, body: '5\n' });
    expect(await witness.addCheckpoint(formatAddCheckpoint(5, [], logOf(words.slice(0, 3)).note))).toMatchObject({
      status: 400,
    });
    expect(state.noteOf(origin)).toBe(remembered);
  });

  it('knows its logs and their keys, and reads nothing else', async () => {
    const { witness } = await newWitness();
    expect(await witness.addCheckpoint(logOf(words, other).since(0))).toMatchObject({ status: 403 });
    const foreign = signHead({ origin: 'elsewhere.example/audit/one', size: 1, root: Buffer.alloc(32) }, log);
    expect(await witness.addCheckpoint(formatAddCheckpoint(0, [], foreign))).toMatchObject({ status: 404 });
    for (const request of ['', 'old 0\n\n', 'old 00\n\nx', `old 1\nAAAA\n\n${logOf(words).note}`]) {
      expect(await witness.addCheckpoint(request)).toMatchObject({ status: 400 });
    }
  });

  it('remembers over a restart, and is not taken back by two requests at a time', async () => {
    const { path, witness } = await newWitness();
    await witness.addCheckpoint(logOf(words.slice(0, 2)).since(0));
    const answers = await Promise.all([
      witness.addCheckpoint(logOf(words.slice(0, 6)).since(2)),
      witness.addCheckpoint(logOf(words.slice(0, 4)).since(2)),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 409]);
    const again = await newWitness(path);
    expect(await again.witness.addCheckpoint(logOf(words.slice(0, 4)).since(2))).toMatchObject({
      status: 409,
      body: '6\n',
    });
    expect(parseCheckpoint(again.state.noteOf(origin) ?? '')?.size).toBe(6);
  });

  it('does not begin anew where its memory cannot be read', async () => {
    const path = join(folder, 'broken.json');
    await writeFile(path, '{"format":"countersign-witness/1","logs":');
    await expect(WitnessState.open(path)).rejects.toThrow('is not the state of a witness');
    expect(await readFile(path, 'utf8')).toContain('countersign-witness/1');
  });
});

describe('the service, bringing its checkpoints to a witness,', () => {
  let migrated: MigratedDatabase;
  let database: Database;
  let server: Server | undefined;

  beforeAll(async () => {
    migrated = await createMigratedDatabase();
    database = await Database.open({ databaseUrl: migrated.url });
  });

  afterAll(async () => {
    await database.close();
    await migrated.drop();
  });

  afterEach(() => {
    server?.close();
    server?.closeAllConnections();
  });

  async function happen(organizationId: string, count: number): Promise<string> {
    let id = '';
    for (let left = count; left > 0; left -= 1) {
      id = await database.transaction(asSystem, async (em) => {
        const event = record(em, {
          action: 'elevation.approved',
          actor: { kind: 'account', id: uuidv7() },
          organizationIds: [organizationId],
          subject: { kind: 'elevation', id: uuidv7() },
          personal: { reason: 'Phones do not register' },
          at: await databaseNow(em),
        });
        return event.id;
      });
    }
    await sealEvents(database, log);
    return id;
  }

  async function listening(answer: (body: string) => Promise<{ status: number; body: string }>): Promise<string> {
    server = createServer((request, response) => {
      void text(request)
        .then(answer)
        .then(({ status, body }) => response.writeHead(status).end(body));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async function ownWitness() {
    const state = await WitnessState.open(join(folder, `${uuidv7()}.json`));
    return new Witness({ name, key, state, keysOf: async () => [log.publicKey], now: () => now });
  }

  const ask = (url: string, organizationId: string) =>
    askWitness(database, { url, key: named }, organizationId, AbortSignal.timeout(10_000));

  it('keeps the countersignature; exports and proofs carry it, and nothing is asked twice', async () => {
    const organizationId = uuidv7();
    const eventId = await happen(organizationId, 3);
    const witness = await ownWitness();
    const url = await listening((body) => witness.addCheckpoint(body));
    expect(await unwitnessed(database, { url, key: named }, 100)).toContain(organizationId);
    expect(await ask(url, organizationId)).toBe('countersigned');
    expect(await unwitnessed(database, { url, key: named }, 100)).not.toContain(organizationId);
    await happen(organizationId, 2);
    const lines: string[] = [];
    for await (const line of exportEvents(database, asSystem, organizationId)) lines.push(line);
    const trust = { publicKey: log.publicKey, witnesses: [named] };
    expect(await verifyExport(lines, trust)).toMatchObject({ valid: true, events: 5, witnesses: [{ position: 3 }] });
    const proof = await database.transaction(asSystem, (em) =>
      readEventProof(em, organizationId, eventId, { personal: false }),
    );
    expect(verifyProof(proof ?? '', trust)).toMatchObject({ valid: true, size: 3, witnesses: [{ name }] });
    expect(await ask(url, organizationId)).toBe('countersigned');
  });

  it('goes on from what the witness remembers, where that is more than the service does', async () => {
    const organizationId = uuidv7();
    const witness = await ownWitness();
    const sizes: string[] = [];
    const url = await listening((body) => {
      sizes.push(body.split('\n', 1)[0] ?? '');
      return witness.addCheckpoint(body);
    });
    await happen(organizationId, 4);
    await ask(url, organizationId);
    await happen(organizationId, 1);
    const lost = { url, key: { ...named, name: 'witness.example/renamed' } };
    // Under another name the service has nothing of it; what the witness signs is then not what was asked for.
    expect(await askWitness(database, lost, organizationId, AbortSignal.timeout(10_000))).toBe('refused');
    expect(sizes).toEqual(['old 0', 'old 0', 'old 4']);
  });

  it.each([
    ['refuses', { status: 422, body: 'no\n' }, 'refused'],
    ['remembers more than there is', { status: 409, body: '100\n' }, 'refused'],
    ['answers without a signature', { status: 200, body: 'hello\n' }, 'refused'],
    ['is ill', { status: 503, body: '' }, 'unreachable'],
  ])('keeps nothing of a witness that %s', async (_what, answer, expected) => {
    const organizationId = uuidv7();
    await happen(organizationId, 1);
    const url = await listening(async () => answer);
    expect(await ask(url, organizationId)).toBe(expected);
    expect(await unwitnessed(database, { url, key: named }, 1000)).toContain(organizationId);
  });
});

describe('the proof of one event', () => {
  let migrated: MigratedDatabase;
  let database: Database;

  beforeAll(async () => {
    migrated = await createMigratedDatabase();
    database = await Database.open({ databaseUrl: migrated.url });
  });

  afterAll(async () => {
    await database.close();
    await migrated.drop();
  });

  it('verifies without the rest of the trail, for every event of trails of many sizes, and for no changed one', async () => {
    for (const size of [1, 2, 7, 300]) {
      const organizationId = uuidv7();
      await database.transaction(asSystem, async (em) => {
        const at = await databaseNow(em);
        for (let number = 0; number < size; number += 1) {
          record(em, {
            action: 'elevation.approved',
            actor: { kind: 'account', id: uuidv7() },
            organizationIds: [organizationId],
            subject: { kind: 'elevation', id: uuidv7() },
            personal: { reason: `Reason ${number}` },
            at,
          });
        }
      });
      await sealEvents(database, log);
      const seals = await database.transaction(asSystem, (em) =>
        em.execute<{ id: string; position: number }[]>(
          'select event_id as id, position from audit_seal where organization_id = ? and position in (1, 2, 7, 255, 256, 257, 300)',
          [organizationId],
        ),
      );
      for (const { id, position } of seals) {
        const proofOf = (personal: boolean) =>
          database.transaction(asSystem, (em) => readEventProof(em, organizationId, id, { personal }));
        const proof = (await proofOf(false)) ?? '';
        expect(verifyProof(proof, { publicKey: log.publicKey })).toMatchObject({
          valid: true,
          organizationId,
          size,
          event: { id, position, personal: null },
        });
        expect(verifyProof((await proofOf(true)) ?? '', { publicKey: log.publicKey })).toMatchObject({
          event: { personal: { reason: expect.stringMatching(/^Reason \d+$/) } },
        });
        expect(verifyProof(proof, { publicKey: other.publicKey })).toEqual({ valid: false, why: 'wrong_key' });
        expect(verifyProof(proof, { publicKey: log.publicKey, witnesses: [named] })).toEqual({
          valid: false,
          why: 'not_witnessed',
        });
      }
    }
  });

  it('is worth nothing once anything of it was changed', async () => {
    const organizationId = uuidv7();
    const ids: string[] = [];
    for (let number = 0; number < 3; number += 1) {
      ids.push(
        await database.transaction(asSystem, async (em) => {
          const event = record(em, {
            action: 'elevation.approved',
            actor: { kind: 'account', id: uuidv7() },
            organizationIds: [organizationId],
            subject: { kind: 'elevation', id: uuidv7() },
            personal: { reason: 'because' },
            at: await databaseNow(em),
          });
          return event.id;
        }),
      );
    }
    await sealEvents(database, log);
    const proof =
      (await database.transaction(asSystem, (em) =>
        readEventProof(em, organizationId, ids[1] ?? '', { personal: true }),
      )) ?? '';
    const lines = proof.split('\n');
    const extra = JSON.parse(Buffer.from((lines[1] ?? '').slice(6), 'base64').toString());
    const withEvent = (change: object) =>
      lines
        .with(
          1,
          `extra ${Buffer.from(JSON.stringify({ ...extra, event: { ...extra.event, ...change } })).toString('base64')}`,
        )
        .join('\n');
    expect(verifyProof(withEvent({ outcome: 'refused' }))).toEqual({ valid: false, why: 'changed' });
    expect(verifyProof(withEvent({ personal: { reason: 'else' } }))).toEqual({
      valid: false,
      why: 'personal_data_changed',
    });
    expect(verifyProof(lines.with(3, Buffer.alloc(32).toString('base64')).join('\n'))).toEqual({
      valid: false,
      why: 'not_included',
    });
    expect(verifyProof(lines.with(2, 'index 0').join('\n'))).toEqual({ valid: false, why: 'unreadable' });
    expect(verifyProof(proof.slice(0, -10))).toEqual({ valid: false, why: 'unreadable' });
    const elsewhere = database.transaction(asSystem, (em) =>
      readEventProof(em, uuidv7(), ids[0] ?? '', { personal: true }),
    );
    expect(await elsewhere).toBeNull();
  });
});
