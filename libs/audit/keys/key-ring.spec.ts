import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { uuidv7 } from 'uuidv7';
import { createTestDatabase, dropTestDatabase } from '#local-stack';
import { asSystem, Database, databaseNow } from '#persistence';
import { exportEvents, record, sealEvents, signingKeyFrom, verifyChain, verifyExport } from '../index.ts';
import {
  firstKey,
  joinKeyRing,
  keysVouchedFor,
  linkKeys,
  readKeyRing,
  rotateSigningKey,
  type KeyRing,
} from './index.ts';

const [derived, first, second, third, stranger] = [1, 2, 3, 4, 5].map((byte) =>
  signingKeyFrom(Buffer.alloc(32, byte)),
) as [Key, Key, Key, Key, Key];
type Key = ReturnType<typeof signingKeyFrom>;
const since = '2026-11-25T14:00:00.000Z';
const adminUrl = process.env['COUNTERSIGN_TEST_DATABASE_URL'] ?? '';
const openedNames: string[] = [];
const opened: Database[] = [];

async function newDatabase(): Promise<Database> {
  const name = `keys_${uuidv7().replaceAll('-', '')}`;
  const database = await Database.open({ databaseUrl: await createTestDatabase(adminUrl, name) });
  openedNames.push(name);
  opened.push(database);
  await database.migrate();
  return database;
}

afterAll(async () => {
  for (const database of opened) await database.close();
  for (const name of openedNames) await dropTestDatabase(adminUrl, name);
});

const ringOf = (database: Database) => database.transaction(asSystem, readKeyRing);

async function happens(database: Database, organizationId: string): Promise<void> {
  await database.transaction(asSystem, async (em) => {
    record(em, {
      action: 'elevation.approved',
      actor: { kind: 'account', id: uuidv7() },
      organizationIds: [organizationId],
      subject: { kind: 'elevation', id: uuidv7() },
      at: await databaseNow(em),
    });
  });
}

describe('a ring of keys', () => {
  const ring: KeyRing = [firstKey(first, since), linkKeys(first, second, since), linkKeys(second, third, since)];

  it('lets whoever trusts one key trust those before and after it', () => {
    for (const { publicKey } of [first, second, third]) {
      expect(keysVouchedFor(ring, publicKey)).toEqual([first.publicKey, second.publicKey, third.publicKey]);
    }
  });

  it('vouches for no key that it does not hold', () => {
    expect(keysVouchedFor(ring, stranger.publicKey)).toEqual([stranger.publicKey]);
  });

  it('is not followed over a link that only one side has signed', () => {
    const forged = linkKeys(stranger, second, since);
    const [, link] = ring;
    const before: KeyRing = [firstKey(stranger, since), { ...forged, acceptance: link?.acceptance ?? null }];
    const after: KeyRing = [
      firstKey(first, since),
      { ...linkKeys(first, stranger, since), endorsement: linkKeys(stranger, stranger, since).endorsement },
    ];
    expect(keysVouchedFor(before, second.publicKey)).toEqual([second.publicKey]);
    expect(keysVouchedFor(after, first.publicKey)).toEqual([first.publicKey]);
  });

  it('is not followed over a link that was moved in time or to another key', () => {
    const [begin, link, ...rest] = ring;
    if (!begin || !link) throw new Error('The ring has two keys');
    const moved: KeyRing = [begin, { ...link, since: '2026-11-26T00:00:00.000Z' }, ...rest];
    expect(keysVouchedFor(moved, first.publicKey)).toEqual([first.publicKey]);
    const other: KeyRing = [begin, { ...link, publicKey: stranger.publicKey, keyId: stranger.keyId }];
    expect(keysVouchedFor(other, first.publicKey)).toEqual([first.publicKey]);
  });
});

describe('the ring of a service', () => {
  let database: Database;
  const quiet = uuidv7();
  const busy = uuidv7();

  beforeAll(async () => {
    database = await newDatabase();
  });

  it('begins with the key that signed before there was one of its own, and hands over', async () => {
    await happens(database, quiet);
    await sealEvents(database, derived);
    await joinKeyRing(database, first, [derived]);
    await joinKeyRing(database, first, [derived]);
    expect((await ringOf(database)).map(({ keyId }) => keyId)).toEqual([derived.keyId, first.keyId]);
    expect(await verifyChain(database, asSystem, quiet, { publicKey: first.publicKey })).toMatchObject({ valid: true });
  });

  it('is handed over by whoever has both keys; quiet organizations stay valid, and so do their exports', async () => {
    const lines: string[] = [];
    for await (const line of exportEvents(database, asSystem, quiet)) lines.push(line);
    await rotateSigningKey(database, first, second);
    await rotateSigningKey(database, first, second);
    await happens(database, busy);
    await sealEvents(database, second);
    const keyRing = await ringOf(database);
    expect(keyRing.map(({ keyId }) => keyId)).toEqual([derived.keyId, first.keyId, second.keyId]);
    for (const organizationId of [quiet, busy]) {
      for (const { publicKey } of [derived, first, second]) {
        expect(await verifyChain(database, asSystem, organizationId, { publicKey })).toMatchObject({ valid: true });
      }
    }
    expect(await verifyExport(lines, { publicKey: second.publicKey, keyRing })).toMatchObject({ valid: true });
    expect(await verifyExport(lines, { publicKey: stranger.publicKey, keyRing })).toMatchObject({
      valid: false,
      firstInvalid: { why: 'wrong_key' },
    });
  });

  it('refuses a key nobody handed over to, and whoever hands over without being the present one', async () => {
    await expect(joinKeyRing(database, stranger, [derived])).rejects.toThrow('countersign keys rotate');
    await expect(rotateSigningKey(database, stranger, third)).rejects.toThrow('none of the keys');
    await expect(rotateSigningKey(database, first, third)).rejects.toThrow('none of the keys');
    // A worker that was not started anew yet.
    await joinKeyRing(database, first, [derived]);
  });

  it('begins with its own key where nothing was signed before', async () => {
    const fresh = await newDatabase();
    await joinKeyRing(fresh, first, [derived]);
    expect(await ringOf(fresh)).toMatchObject([{ keyId: first.keyId, endorsement: null }]);
  });

  it.each([
    ["update audit_signing_key set public_key = 'x'", 'countersign_sealer'],
    ['delete from audit_signing_key', 'countersign_sealer'],
    ["insert into audit_signing_key (place, key_id, public_key, since) values (9, 'a', 'b', now())", 'system'],
  ])('is changed by nobody: %s as %s', async (sql, role) => {
    const context = role === 'system' ? asSystem : ({ kind: 'sealer' } as const);
    await expect(database.transaction(context, (em) => em.execute(sql))).rejects.toThrow(
      /append-only|permission denied/,
    );
  });
});
