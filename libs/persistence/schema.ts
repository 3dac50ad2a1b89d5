import { Client } from 'pg';
import { readPostgresAddress } from '#config';
import { migrations } from './migrations/index.ts';
import type { DatabaseOptions } from './orm.ts';
import { patience } from './patience.ts';

/**
 * How the database's schema stands to the one this release knows. `newer`: a later release has migrated already; migrations
 * only add, so this one goes on. `older`: `countersign migrate` has yet to run, maybe for the first time.
 */
export type SchemaState = 'current' | 'newer' | 'older';

/** @param applied the names of the migrations the database has seen */
export function schemaStateOf(applied: readonly string[]): SchemaState {
  const seen = new Set(applied);
  if (migrations.some(({ name }) => !seen.has(name))) return 'older';
  return seen.size > migrations.length ? 'newer' : 'current';
}

const undefinedTable = '42P01';
const insufficientPrivilege = '42501';
/** A role to switch to that nobody has made. */
const noSuchRole = ['22023', '42704'];

/** Whether a question about the schema failed because the schema is not there, or not as far. */
export const meansNoSchema = (code: string | undefined): boolean =>
  code !== undefined && [undefinedTable, insufficientPrivilege, ...noSuchRole].includes(code);

/** One lock for all who migrate one database; the number means nothing else. */
const migrationLock = 7_261_122;

/**
 * Does the work while no other process does the like on the same database: whoever comes second waits, and finds it done.
 * The lock is a transaction's, since a pooler that lends connections by transaction would lose a session's.
 */
export async function takingTurns<T>(
  { databaseUrl, applicationName = 'countersign' }: DatabaseOptions,
  work: () => Promise<T>,
  onWait: () => void = () => {},
): Promise<T> {
  const { url, tls } = readPostgresAddress(databaseUrl);
  const client = new Client({
    connectionString: url,
    ssl: tls,
    application_name: applicationName,
    connectionTimeoutMillis: patience.connect,
    keepAlive: true,
  });
  // A connection that breaks ends the transaction and with it the lock; the migrations notice on their own.
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query('begin');
    await client.query(
      'set local idle_in_transaction_session_timeout = 0; set local lock_timeout = 0; set local statement_timeout = 0',
    );
    const { rows } = await client.query<{ mine: boolean }>(
      `select pg_try_advisory_xact_lock(${migrationLock}) as mine`,
    );
    if (rows[0]?.mine !== true) {
      onWait();
      await client.query(`select pg_advisory_xact_lock(${migrationLock})`);
    }
    return await work();
  } finally {
    await client.end().catch(() => {});
  }
}
