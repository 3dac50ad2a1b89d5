import { randomUUID } from 'node:crypto';
import { createTestDatabase, dropTestDatabase } from '#local-stack';
import { Database } from '#persistence';

/** A database of one test file, with the present schema and nothing in it. */
export interface MigratedDatabase {
  name: string;
  url: string;
  drop(): Promise<void>;
}

export const templateDatabase = 'countersign_template';

/** Migrated once for all test files by the global setup; each of them would take seconds for it. */
export async function createTemplateDatabase(adminUrl: string): Promise<void> {
  const database = await Database.open({ databaseUrl: await createTestDatabase(adminUrl, templateDatabase) });
  await database.migrate();
  await database.close();
}

/** A copy of the template; on a server that was named by hand, which has none, it is migrated here. */
export async function createMigratedDatabase(): Promise<MigratedDatabase> {
  const adminUrl = process.env['COUNTERSIGN_TEST_DATABASE_URL'];
  if (!adminUrl) throw new Error('Run the tests through Jest, whose global setup starts the servers');
  const template = process.env['COUNTERSIGN_TEST_TEMPLATE_DATABASE'];
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const url = await createTestDatabase(adminUrl, name, { template });
  if (!template) await migrate(url);
  return { name, url, drop: () => dropTestDatabase(adminUrl, name) };
}

/** Brings any database to the present schema. */
export async function migrate(databaseUrl: string): Promise<void> {
  const database = await Database.open({ databaseUrl, poolSize: 1 });
  await database.migrate();
  await database.close();
}
