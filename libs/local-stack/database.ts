import { MikroORM } from '@mikro-orm/postgresql';

/** One of the words PostgreSQL makes an identifier of, quoted. */
const quoted = (identifier: string) => `"${identifier.replaceAll('"', '""')}"`;

/** The same server, another database. */
export function withDatabase(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${encodeURIComponent(database)}`;
  return other.toString();
}

async function execute<Row extends object = object>(
  url: string,
  statement: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const orm = new MikroORM({
    clientUrl: url,
    entities: [],
    discovery: { warnWhenNoEntities: false },
    pool: { max: 1 },
    // Something else may listen there and say nothing.
    driverOptions: { connectionTimeoutMillis: 5_000 },
  });
  try {
    await orm.connect();
    return await orm.em.getConnection().execute<Row[]>(statement, values);
  } finally {
    await orm.close(true);
  }
}

/** Whether the server takes connections and answers. */
export async function answers(url: string): Promise<boolean> {
  return execute(url, 'select 1').then(
    () => true,
    () => false,
  );
}

/** Makes the database where it is missing. */
export async function ensureDatabase(adminUrl: string, name: string): Promise<string> {
  const found = await execute(adminUrl, 'select 1 from pg_database where datname = ?', [name]);
  if (found.length === 0) await execute(adminUrl, `create database ${quoted(name)}`);
  return withDatabase(adminUrl, name);
}

/**
 * Makes a database for one test file: empty, or a copy of `template`, to which nobody may be connected then.
 * @returns its URL
 */
export async function createTestDatabase(
  adminUrl: string,
  name: string,
  options: { template?: string } = {},
): Promise<string> {
  const template = options.template ? ` template ${quoted(options.template)}` : '';
  await execute(adminUrl, `create database ${quoted(name)}${template}`);
  return withDatabase(adminUrl, name);
}

/** Removes a test's database, along with the connections that are still open. */
export async function dropTestDatabase(adminUrl: string, name: string): Promise<void> {
  await execute(adminUrl, `drop database if exists ${quoted(name)} with (force)`);
}
