import { MikroORM } from '@mikro-orm/postgresql';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { uuidv7 } from 'uuidv7';
import { record, sealEvents, signingKeyFrom, verifyChain } from '#audit';
import { asSystem, Database, databaseNow } from '#persistence';
import { signCheckpoint } from '../../libs/audit/signing.ts';
import { eventually } from '../../test/support/eventually.ts';
import { createMigratedDatabase, type MigratedDatabase } from '../../test/support/migrated-database.ts';
import { keepSealing } from './sealing.ts';

const seed = Buffer.alloc(32, 7);
const key = signingKeyFrom(seed);
const [quiet, busy, damaged] = [uuidv7(), uuidv7(), uuidv7()];

let migrated: MigratedDatabase;
let database: Database;
let owner: MikroORM;

beforeAll(async () => {
  migrated = await createMigratedDatabase();
  database = await Database.open({ databaseUrl: migrated.url });
  owner = new MikroORM({
    clientUrl: migrated.url,
    entities: [],
    discovery: { warnWhenNoEntities: false },
    pool: { max: 1 },
  });
  await owner.connect();
  await owner.em.getConnection().execute('set session_replication_role = replica');
});

afterAll(async () => {
  await owner.close(true);
  await database.close();
  await migrated.drop();
});

async function happen(organizationId: string): Promise<void> {
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

/** As the service of before left it: a signed head of the chain, and no tree. */
async function asBefore(organizationId: string): Promise<void> {
  const as = <Row extends object>(sql: string, values: unknown[]) =>
    owner.em.getConnection().execute<Row[]>(sql, values);
  const [end] = await as<{ position: number; hash: string }>(
    'select position, hash from audit_seal where organization_id = ? order by position desc limit 1',
    [organizationId],
  );
  if (!end) throw new Error('Nothing was sealed');
  const at = '2026-11-22T09:30:00.000Z';
  const { signature } = signCheckpoint(key, { organizationId, position: end.position, hash: end.hash, at });
  await as(
    `update audit_checkpoint set note = null, origin = null, edge = '', tree_size = 0, signature = ?, at = ?
     where organization_id = ?`,
    [signature, at, organizationId],
  );
}

describe('the sealer of a worker', () => {
  it('carries the chains of before over, goes on with them, and leaves the one that somebody changed as it is', async () => {
    for (const organizationId of [quiet, busy, damaged]) {
      await happen(organizationId);
      await happen(organizationId);
    }
    await sealEvents(database, key);
    for (const organizationId of [quiet, busy, damaged]) await asBefore(organizationId);
    await owner.em
      .getConnection()
      .execute("update audit_seal set hash = 'x' where organization_id = ? and position = 2", [damaged]);
    await happen(busy);

    const stopping = new AbortController();
    const warnings: string[] = [];
    const log = { warn: (message: string) => void warnings.push(message) };
    const sealing = keepSealing({
      database,
      signingKey: seed,
      logName: 'countersign.example.com',
      log,
      signal: stopping.signal,
    });
    try {
      const trusted = { publicKey: key.publicKey };
      await eventually(async () => {
        for (const [organizationId, events] of [
          [quiet, 2],
          [busy, 3],
        ] as const) {
          const { valid, events: found, checkpoint } = await verifyChain(database, asSystem, organizationId, trusted);
          expect({ valid, found, isTree: checkpoint?.root !== undefined }).toEqual({
            valid: true,
            found: events,
            isTree: true,
          });
        }
      });
      await eventually(() => expect(warnings).toHaveLength(1));
      expect(warnings[0]).toContain(damaged);
      await happen(busy);
      await eventually(async () =>
        expect(await verifyChain(database, asSystem, busy, trusted)).toMatchObject({ valid: true, events: 4 }),
      );
      expect(await verifyChain(database, asSystem, damaged, trusted)).toMatchObject({ valid: false });
      expect(warnings).toHaveLength(1);
    } finally {
      stopping.abort();
      await sealing;
    }
  });
});
