import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MikroORM } from '@mikro-orm/postgresql';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, dropTestDatabase, findFreePort, PortTakenError, startPostgres } from './index.ts';

async function connectTo(clientUrl: string) {
  const orm = await MikroORM.init({ clientUrl, entities: [], discovery: { warnWhenNoEntities: false } });
  return {
    execute: (statement: string) => orm.em.getConnection().execute<Record<string, unknown>[]>(statement),
    close: () => orm.close(true),
  };
}

async function execute(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const connection = await connectTo(url);
  try {
    return await connection.execute(statement);
  } finally {
    await connection.close();
  }
}

describe('the embedded PostgreSQL', () => {
  let dataDir: string;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'countersign-spec-'));
    await chmod(dataDir, 0o755);
  });

  afterAll(() => rm(dataDir, { recursive: true, force: true }));

  it('keeps its data over a stop and over a power cut', async () => {
    const first = await startPostgres({ dataDir, database: 'countersign' });
    await execute(first.url, 'create table note (line text)');
    await execute(first.url, `insert into note values ('before the stop')`);
    await first.stop();

    const second = await startPostgres({ dataDir, database: 'countersign' });
    expect(await execute(second.url, 'select line from note')).toEqual([{ line: 'before the stop' }]);
    await execute(second.url, `insert into note values ('before the power cut')`);
    await second.kill();

    const third = await startPostgres({ dataDir, database: 'countersign' });
    expect(await execute(third.url, 'select line from note order by line desc')).toEqual([
      { line: 'before the stop' },
      { line: 'before the power cut' },
    ]);
    await third.stop();
  });

  it('runs in a folder only its owner may enter, as a home folder is', async () => {
    const closed = await mkdtemp(join(tmpdir(), 'countersign-spec-'));
    const told: string[] = [];
    try {
      const options = {
        dataDir: join(closed, 'postgres'),
        durable: false,
        onProgress: (line: string) => told.push(line),
      };
      const postgres = await startPostgres(options);
      expect(await execute(postgres.url, 'select 1 as one')).toEqual([{ one: 1 }]);
      await postgres.stop();
    } finally {
      await rm(closed, { recursive: true, force: true });
      // As the superuser the data lies elsewhere, and the place was told.
      const elsewhere = /its data is kept in (\S+)/.exec(told.join('\n'))?.[1];
      if (elsewhere) await rm(elsewhere, { recursive: true, force: true });
    }
  });

  it('lets nobody in without the password', async () => {
    const postgres = await startPostgres({ durable: false });
    try {
      const without = new URL(postgres.adminUrl);
      without.password = 'guessed';
      await expect(execute(without.toString(), 'select 1')).rejects.toThrow(/password authentication failed/);
    } finally {
      await postgres.stop();
    }
  });

  it('gives each test file a database of its own, from a template too, and drops it in use', async () => {
    const postgres = await startPostgres({ durable: false });
    try {
      const template = await createTestDatabase(postgres.adminUrl, 'template_world');
      await execute(template, 'create table note (line text)');
      const url = await createTestDatabase(postgres.adminUrl, 'first "world"', { template: 'template_world' });
      const connection = await connectTo(url);
      expect(await connection.execute('select * from note')).toEqual([]);
      await dropTestDatabase(postgres.adminUrl, 'first "world"');
      await connection.close();
      await expect(execute(url, 'select 1')).rejects.toThrow(/does not exist/);
    } finally {
      await postgres.stop();
    }
  });

  it('names the port when another program has it', async () => {
    const port = await findFreePort();
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    try {
      await expect(startPostgres({ durable: false, port })).rejects.toThrow(PortTakenError);
    } finally {
      await new Promise((resolve) => other.close(resolve));
    }
  });
});
