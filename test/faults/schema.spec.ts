import { randomUUID } from 'node:crypto';
import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { createTestDatabase, dropTestDatabase, findFreePort, startPostgres, type Postgres } from '#local-stack';
import { Database } from '#persistence';
import { countersign } from '../support/cli.ts';
import { makeDatabaseRoles } from '../support/database-roles.ts';
import { eventually } from '../support/eventually.ts';
import { environmentOf, runProgram } from '../support/supervised-process.ts';
import { createWorld, type World } from '../support/world.ts';

const adminUrl = process.env['COUNTERSIGN_TEST_DATABASE_URL'] ?? '';
const made: string[] = [];

afterAll(async () => {
  for (const name of made) await dropTestDatabase(adminUrl, name);
});

async function emptyDatabase(): Promise<string> {
  const name = `schema_${randomUUID().replaceAll('-', '')}`;
  made.push(name);
  return createTestDatabase(adminUrl, name);
}

async function execute(databaseUrl: string, ...statements: string[]): Promise<void> {
  const client = new Client(databaseUrl);
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

describe('two `countersign migrate` at once', () => {
  it('take turns: both end well, and the schema is there', async () => {
    const databaseUrl = await emptyDatabase();
    const answers = await Promise.all([1, 2].map(() => countersign(['migrate'], { DATABASE_URL: databaseUrl })));
    expect(answers.map(({ code, errors }) => [code, errors])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    for (const { output } of answers) expect(output).toContain('The database is up to date.');
    const database = await Database.open({ databaseUrl, poolSize: 1 });
    expect(await database.schema()).toBe('current');
    await database.close();
  }, 60_000);

  it('wait for each other however long it takes, and say so', async () => {
    const databaseUrl = await emptyDatabase();
    const holder = new Client(databaseUrl);
    await holder.connect();
    await holder.query('select pg_advisory_lock(7261122)');
    const database = await Database.open({ databaseUrl, poolSize: 1 });
    let waited = 0;
    const migrated = database.migrate(() => (waited += 1));
    await eventually(() => expect(waited).toBe(1));
    expect(await database.schema()).toBe('older');
    await holder.end();
    await migrated;
    expect(await database.schema()).toBe('current');
    await database.close();
  }, 60_000);
});

describe('readiness', () => {
  let world: World;

  beforeAll(async () => {
    world = await createWorld();
  }, 60_000);

  afterAll(() => world?.stop());

  const ready = () => world.visitor.get('/health/ready');

  it('says yes to the schema it knows and to one that a later release has added to', async () => {
    expect(await ready()).toMatchObject({ status: 200, body: { schema: 'current' } });
    await execute(
      world.config.databaseUrl,
      `insert into mikro_orm_migrations (name) values ('Migration20990101000000')`,
    );
    expect(await ready()).toMatchObject({ status: 200, body: { schema: 'newer' } });
    await execute(world.config.databaseUrl, `delete from mikro_orm_migrations where name like 'Migration2099%'`);
  });

  it('says no to an older one, and to one that is newer and yet lacks something', async () => {
    const { databaseUrl } = world.config;
    const last = `(select max(name) from mikro_orm_migrations)`;
    await execute(databaseUrl, `update mikro_orm_migrations set name = 'Migration20990101000000' where name = ${last}`);
    expect(await ready()).toMatchObject({
      status: 503,
      body: { code: 'unavailable', database: 'up', schema: 'older' },
    });
    await execute(databaseUrl, `delete from mikro_orm_migrations where name like 'Migration2099%'`);
    expect(await ready()).toMatchObject({ status: 503, body: { schema: 'older' } });
  });
});

describe('API and worker before the first migration', () => {
  let postgres: Postgres;
  let world: World;
  const running: ChildProcess[] = [];

  beforeAll(async () => {
    postgres = await startPostgres({ durable: false });
    world = await createWorld({ worker: false });
  }, 60_000);

  afterAll(async () => {
    for (const child of running) child.kill('SIGKILL');
    await world?.stop();
    await postgres?.stop();
  });

  it('are alive and not ready, each under its own login, until it has run', async () => {
    const logins = await makeDatabaseRoles(postgres.adminUrl);
    const [port, workerPort] = [await findFreePort(), await findFreePort()];
    const common = { ...environmentOf(world), PUBLIC_URL: `http://127.0.0.1:${port}`, TASK_QUEUE: randomUUID() };
    running.push(
      runProgram('../../apps/api/main.ts', {
        environment: { ...common, DATABASE_URL: logins.api, PORT: String(port) },
      }),
      runProgram('../../apps/worker/main.ts', {
        environment: {
          ...common,
          DATABASE_URL: logins.worker,
          SEALER_DATABASE_URL: logins.sealer,
          WORKER_PORT: String(workerPort),
        },
      }),
    );
    const read = async (which: number, path: string) => {
      const answer = await fetch(`http://127.0.0.1:${which}/health/${path}`);
      const body: unknown = await answer.json();
      return { status: answer.status, body };
    };
    for (const which of [port, workerPort]) {
      await eventually(async () => expect(await read(which, 'live')).toMatchObject({ status: 200 }), 60_000);
      expect(await read(which, 'ready')).toMatchObject({ status: 503, body: { database: 'up', schema: 'older' } });
    }
    const migrated = await countersign(['migrate'], { DATABASE_URL: logins.migrations });
    expect(migrated).toMatchObject({ code: 0, errors: '' });
    for (const which of [port, workerPort]) {
      await eventually(
        async () => expect(await read(which, 'ready')).toMatchObject({ status: 200, body: { schema: 'current' } }),
        60_000,
      );
    }
    expect(running.map(({ exitCode }) => exitCode)).toEqual([null, null]);
  }, 180_000);
});
