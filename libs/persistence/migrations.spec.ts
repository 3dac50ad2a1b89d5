import { randomUUID } from 'node:crypto';
import { MikroORM } from '@mikro-orm/postgresql';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, dropTestDatabase } from '#local-stack';
import { ormConfig } from './orm.ts';

const adminUrl = process.env['COUNTERSIGN_TEST_DATABASE_URL'] ?? '';
const name = `migrations_${randomUUID().replaceAll('-', '')}`;
let orm: MikroORM;

beforeAll(async () => {
  orm = await MikroORM.init(ormConfig({ databaseUrl: await createTestDatabase(adminUrl, name) }));
});

afterAll(async () => {
  await orm.close(true);
  await dropTestDatabase(adminUrl, name);
});

describe('migrations', () => {
  it('lead from nothing to what the entities describe', async () => {
    await orm.migrator.up();
    const difference = await orm.schema.getUpdateSchemaSQL({ wrap: false });
    // PostgreSQL writes the type into the default of the sequence; it means the same.
    const statements = difference
      .split('\n')
      .filter((line) => line.trim() !== '' && !line.includes("nextval('audit_event_order')"));
    expect(statements).toEqual([]);
  });

  it('have nothing to do the second time', async () => {
    expect(await orm.migrator.getPending()).toEqual([]);
    await orm.migrator.up();
  });
});
