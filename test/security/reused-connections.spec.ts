import type { MikroORM } from '@mikro-orm/postgresql';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asSystem, Database, Organization, type EntityManager, type TenancyContext } from '#persistence';
import { createMigratedDatabase, type MigratedDatabase } from '../support/migrated-database.ts';

let migrated: MigratedDatabase;
let database: Database;
let ours: string;

const tenant = (organizationIds: string[]): TenancyContext => ({
  kind: 'tenant',
  principal: 'account:nobody',
  accountId: null,
  organizationIds,
  managed: organizationIds,
  reach: organizationIds,
});

beforeAll(async () => {
  // One connection: whatever the next one finds on it, the one before has left.
  migrated = await createMigratedDatabase();
  database = await Database.open({ databaseUrl: migrated.url, poolSize: 1 });
  ours = await database.transaction(asSystem, async (em) => {
    const one = em.create(Organization, { kind: 'customer', name: 'Ours', slug: 'ours', loginMethods: ['password'] });
    em.create(Organization, { kind: 'customer', name: 'Theirs', slug: 'theirs', loginMethods: ['password'] });
    await em.flush();
    return one.id;
  });
}, 60_000);

afterAll(async () => {
  await database?.close();
  await migrated?.drop();
});

const variables = ['organizations', 'managed', 'reach', 'account', 'principal'].map((one) => `countersign.${one}`);

/** What a statement finds that runs outside of every context; the product has no way to run one. */
async function leftOver(): Promise<{ process: number; role: string; set: string[] }> {
  const { orm } = database as unknown as { orm: MikroORM };
  const [row] = await orm.em.fork().execute<{ process: number; role: string; set: string[] }[]>(
    `select pg_backend_pid() as process, case when current_user = session_user then 'none' else current_user end as role,
            array(select name from unnest(array[${variables.map(() => '?').join(', ')}]) as name
                   where coalesce(current_setting(name, true), '') <> '') as set`,
    variables,
  );
  if (!row) throw new Error('The connection did not answer');
  return row;
}

const customersSeen = (context: TenancyContext) =>
  database.transaction(context, (em) => em.count(Organization, { kind: 'customer' }));

/** Ways in which a transaction ends that nobody planned. */
const accidents: [string, (em: EntityManager) => Promise<unknown>][] = [
  ['a statement fails', (em) => em.execute('select 1 / 0')],
  ['a statement makes no sense', (em) => em.execute('selekt')],
  ['a row breaks a rule', (em) => em.execute('insert into organization (id) values (null)')],
  ['a row is refused by row-level security', (em) => em.execute('insert into elevation default values')],
  [
    'a statement takes too long',
    async (em) => {
      await em.execute("set local statement_timeout = '20ms'");
      await em.execute('select pg_sleep(5)');
    },
  ],
  ['the program throws', () => Promise.reject(new Error('Ours'))],
  [
    'the program throws after a statement failed',
    async (em) => {
      await em.execute('select 1 / 0').catch(() => {});
      throw new Error('Ours');
    },
  ],
];

describe.each(accidents)('after %s', (_what, accident) => {
  it.each([
    ['a tenant', () => tenant([ours])],
    ['the system', () => asSystem],
  ])('in a transaction of %s, the same connection knows nothing of it', async (_who, context) => {
    const { process } = await leftOver();
    await expect(database.transaction(context(), accident)).rejects.toThrow();
    expect(await leftOver()).toEqual({ process, role: 'none', set: [] });
    expect(await customersSeen(tenant([]))).toBe(0);
    expect(await customersSeen(tenant([ours]))).toBe(1);
    expect(await leftOver()).toEqual({ process, role: 'none', set: [] });
  });
});

describe('a tenant whose context was never set', () => {
  it('sees no row of any table', async () => {
    const seen = await database.transaction(asSystem, async (em) => {
      const tables = await em.execute<{ name: string }[]>(
        `select relname as name from pg_class
          where relkind = 'r' and relnamespace = 'public'::regnamespace
            and relname <> 'mikro_orm_migrations' and has_table_privilege('countersign_tenant', oid, 'select')`,
      );
      expect(tables.length).toBeGreaterThan(15);
      await em.execute('set local role countersign_tenant');
      const rows: string[] = [];
      for (const { name: table } of tables) {
        const [count] = await em.execute<{ count: string }[]>(`select count(*) from "${table}"`);
        if (Number(count?.count) > 0) rows.push(`${table}: ${count?.count}`);
      }
      return rows;
    });
    expect(seen).toEqual([]);
  });
});
