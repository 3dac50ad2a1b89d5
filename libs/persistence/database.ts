import { setTimeout as sleep } from 'node:timers/promises';
import { DeadlockException, DriverException, type EntityManager, type MikroORM } from '@mikro-orm/postgresql';
import { Changes } from './changes.ts';
import { connect, defaultPoolSize, type DatabaseOptions } from './orm.ts';
import { patience } from './patience.ts';
import { meansNoSchema, schemaStateOf, takingTurns, type SchemaState } from './schema.ts';
import { StandingPool } from './standing/standing-pool.ts';
import type { Standing } from './standing/standing.ts';
import type { StandingParameters } from './standing/statement.ts';
import { asSystem, systemRole, type TenancyContext } from './tenancy.ts';
import { beginningUnder } from './tenancy-client.ts';

export { asSealer, asSystem, type TenancyContext } from './tenancy.ts';

const serializationFailure = '40001';
const deadlockDetected = '40P01';
const attempts = 5;

/**
 * The only way to the database: every unit of work is one transaction under one tenancy context, and what rights are
 * judged by comes in one statement of its own.
 */
export class Database {
  /** Who waits for a row hears here that it changed. */
  readonly changes: Changes;
  private readonly standingPool: StandingPool;

  private constructor(
    private readonly orm: MikroORM,
    private readonly options: DatabaseOptions,
  ) {
    this.standingPool = new StandingPool(options);
    this.changes = new Changes(options);
  }

  static async open(options: DatabaseOptions): Promise<Database> {
    return new Database(await connect(options), options);
  }

  /**
   * Runs the work in one transaction; all or nothing. Deadlocks and serialization failures are run again from the
   * start, so `work` must not have effects outside of the transaction.
   */
  async transaction<T>(context: TenancyContext, work: (em: EntityManager) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const em = this.orm.em.fork({ clear: true });
        return await beginningUnder(context, () => em.transactional(work, { clear: true }));
      } catch (error) {
        if (attempt >= attempts || !isWorthAnotherTry(error)) throw error;
        await sleep(attempt * 5 + Math.random() * 20);
      }
    }
  }

  /**
   * Standing as it is now, in one round trip. It reads beyond the caller's tenant: answer nothing from it but through
   * `asSeenBy` or the rules.
   */
  async standing(of: Partial<StandingParameters>): Promise<Standing> {
    return this.standingPool.load(of);
  }

  /**
   * Brings the schema up to date, however long the statements take; several who do so at once take turns.
   * @param onWait called where somebody else's turn must end first
   */
  async migrate(onWait?: () => void): Promise<void> {
    const work = async (): Promise<void> => {
      const orm = await connect({ ...this.options, poolSize: 1, unhurried: true });
      try {
        await orm.migrator.up();
      } finally {
        await orm.close(true);
      }
    };
    await takingTurns(this.options, work, onWait);
  }

  /** How the schema stands to ours; null where the database does not say so in time. */
  async schema(): Promise<SchemaState | null> {
    const answer = this.transaction(asSystem, (em) =>
      em.execute<{ name: string }[]>('select name from mikro_orm_migrations'),
    ).then(
      (rows) => schemaStateOf(rows.map(({ name }) => name)),
      (error: unknown) => (error instanceof DriverException && meansNoSchema(error.code) ? 'older' : null),
    );
    return Promise.race([answer, sleep(patience.connect, null, { ref: false })]);
  }

  /** Connections that transactions share. */
  get poolSize(): number {
    return this.options.poolSize ?? defaultPoolSize;
  }

  /** Whether the database answers; a late answer is none. */
  async isReachable(): Promise<boolean> {
    const answer = this.orm.em
      .fork()
      .execute('select 1')
      .then(
        () => true,
        () => false,
      );
    return Promise.race([answer, sleep(patience.connect, false, { ref: false })]);
  }

  async close(): Promise<void> {
    await Promise.all([this.orm.close(true), this.standingPool.close(), this.changes.close()]);
  }
}

/**
 * From here to its end the transaction sees and writes what the system does: for a decision that found its row in the
 * caller's own sight and now needs people beyond it.
 */
export async function continueAsSystem(em: EntityManager): Promise<void> {
  await em.flush();
  await em.execute(`set local role ${systemRole}`);
}

function isWorthAnotherTry(error: unknown): boolean {
  if (error instanceof DeadlockException) return true;
  const code = error instanceof DriverException ? error.code : undefined;
  return code === serializationFailure || code === deadlockDetected;
}

/** The database's clock, read now; later than every lock that was waited for. */
export async function databaseNow(em: EntityManager): Promise<Date> {
  const [row] = await em.execute<{ now: Date | string }[]>(
    "select date_trunc('milliseconds', clock_timestamp()) as now",
  );
  if (!row) throw new Error('The database did not tell the time');
  return new Date(row.now);
}
