import { Pool, type ClientBase } from 'pg';
import { readPostgresAddress } from '#config';
import { socketThatHears, takeBack } from '../connection-pool.ts';
import type { DatabaseOptions } from '../orm.ts';
import { patience } from '../patience.ts';
import { standingRole } from '../tenancy.ts';
import { readRow } from './read-row.ts';
import type { StandingRow } from './rows.ts';
import type { Standing } from './standing.ts';
import { parametersOf, statement, statementName, type StandingParameters } from './statement.ts';

/** Connections of the pool; more would only wait for each other's processors. */
const poolSize = 8;

/**
 * One plan for all callers: what is looked up is always a handful of ids by their indexes, and a plan made anew for each
 * question takes longer than the question. Compiling it would, too.
 */
const session = `set role ${standingRole}; set plan_cache_mode = force_generic_plan; set jit = off`;

/** The pool lends a connection once this has worked, whatever its types say of the promise. */
const takeRole = ((client) => client.query(session)) as (client: ClientBase) => void;

/** Connections that have their role from the start and know the statement: an answer is one round trip. */
export class StandingPool {
  private readonly pool: Pool;

  constructor({ databaseUrl, applicationName = 'countersign' }: DatabaseOptions) {
    const { url, tls } = readPostgresAddress(databaseUrl);
    this.pool = new Pool({
      connectionString: url,
      ssl: tls,
      application_name: applicationName,
      max: poolSize,
      idleTimeoutMillis: patience.idle,
      connectionTimeoutMillis: patience.connect,
      statement_timeout: patience.statement,
      keepAlive: true,
      keepAliveInitialDelayMillis: patience.idle,
      stream: () => socketThatHears(patience.silentServer),
      onConnect: takeRole,
    });
    // A connection that broke fails the question it was asked; one that nobody used is none of anybody's business.
    this.pool.on('connect', (client) => client.on('error', () => {}));
    this.pool.on('error', () => {});
    takeBack(this.pool, patience.transaction);
  }

  async load(of: Partial<StandingParameters>): Promise<Standing> {
    const { rows } = await this.pool.query<StandingRow>({
      name: statementName,
      text: statement,
      values: parametersOf(of),
    });
    const [row] = rows;
    if (!row) throw new Error('The database did not tell the standing');
    return readRow(row);
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}
