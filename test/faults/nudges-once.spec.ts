import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { leaseNudges } from '#decisions';
import { asSystem, Database } from '#persistence';
import { keepRelaying } from '../../apps/worker/relay.ts';
import { eventually } from '../support/eventually.ts';
import { createMigratedDatabase, type MigratedDatabase } from '../support/migrated-database.ts';

const nudges = 500;
let migrated: MigratedDatabase;
let databases: Database[];
/** How often each workflow was told, by whichever worker. */
let told: Map<string, number>;

beforeAll(async () => {
  migrated = await createMigratedDatabase();
  databases = await Promise.all([1, 2].map(() => Database.open({ databaseUrl: migrated.url, poolSize: 2 })));
});

afterAll(async () => {
  await Promise.all(databases.map((database) => database.close()));
  await migrated?.drop();
});

beforeEach(async () => {
  told = new Map();
  await sql('delete from workflow_nudge');
  await sql(
    `insert into workflow_nudge (workflow_id, workflow_type, row_id, requested_at)
     select 'elevation:' || n, 'elevation', gen_random_uuid(), now() - interval '1 minute'
       from generate_series(1, ${nudges}) n`,
  );
});

const sql = (statement: string) =>
  (databases[0] as Database).transaction(asSystem, (em) => em.execute<object[]>(statement));

const undelivered = async () =>
  (await sql('select 1 from workflow_nudge where delivered_revision < requested_revision')).length;

/** Two workers' relays until everything is delivered. */
async function relayBySeveral(): Promise<void> {
  const stopping = new AbortController();
  const temporal = {
    isReachable: async () => true,
    nudge: async ({ workflowId }: { workflowId: string }) => {
      told.set(workflowId, (told.get(workflowId) ?? 0) + 1);
    },
  };
  const relays = databases.map((database) =>
    keepRelaying({ database, temporal, log: { warn() {} }, signal: stopping.signal }),
  );
  try {
    await eventually(async () => expect(await undelivered()).toBe(0), 20_000);
  } finally {
    stopping.abort();
    await Promise.all(relays);
  }
}

it('two workers deliver each nudge once, between them', async () => {
  await relayBySeveral();
  expect(told.size).toBe(nudges);
  expect([...told.values()].filter((times) => times !== 1)).toEqual([]);
}, 30_000);

it('what a worker took and never delivered, another delivers when the lease is over', async () => {
  const taken = await leaseNudges(databases[1] as Database, {
    olderThanMilliseconds: 0,
    leaseMilliseconds: 2_000,
    limit: 50,
  });
  expect(taken).toHaveLength(50);
  await relayBySeveral();
  expect([...told.values()].filter((times) => times !== 1)).toEqual([]);
  expect(taken.filter(({ workflowId }) => !told.has(workflowId))).toEqual([]);
}, 30_000);
