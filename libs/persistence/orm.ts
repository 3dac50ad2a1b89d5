import { Migrator, TSMigrationGenerator } from '@mikro-orm/migrations';
import { defineConfig, MikroORM } from '@mikro-orm/postgresql';
import { readPostgresAddress } from '#config';
import * as entities from './entities/index.ts';
import { socketThatHears, takeBack, type ConnectionPool } from './connection-pool.ts';
import { migrations } from './migrations/index.ts';
import { patience } from './patience.ts';
import { TenancyClient } from './tenancy-client.ts';

export const entityList = Object.values(entities);

export const defaultPoolSize = 10;

export interface DatabaseOptions {
  databaseUrl: string;
  /** Connections of the pool; default `defaultPoolSize`. */
  poolSize?: number;
  /** Shown in pg_stat_activity. */
  applicationName?: string;
  /** Statements take as long as they take: for migrations, which nobody waits for at a browser. Default: bounded. */
  unhurried?: boolean;
}

/** A database that is away or stuck is an error within seconds instead of holding every request. */
const bounded = {
  statement_timeout: patience.statement,
  idle_in_transaction_session_timeout: patience.silentClient,
  stream: () => socketThatHears(patience.silentServer),
  onPoolCreated: (pool: ConnectionPool) => takeBack(pool, patience.transaction),
};

export function ormConfig({
  databaseUrl,
  poolSize = defaultPoolSize,
  applicationName = 'countersign',
  unhurried = false,
}: DatabaseOptions) {
  const { url, tls } = readPostgresAddress(databaseUrl);
  return defineConfig({
    clientUrl: url,
    entities: entityList,
    extensions: [Migrator],
    forceUtcTimezone: true,
    pool: { min: 0, max: poolSize, idleTimeoutMillis: patience.idle },
    driverOptions: {
      Client: TenancyClient,
      ssl: tls,
      application_name: applicationName,
      connectionTimeoutMillis: patience.connect,
      lock_timeout: patience.lock,
      keepAlive: true,
      keepAliveInitialDelayMillis: patience.idle,
      ...(!unhurried && bounded),
    },
    // Every unit of work forks its own entity manager; the global one is for metadata only.
    allowGlobalContext: false,
    validateRequired: true,
    // The ORM has nothing to say that a log of ours would not say better.
    logger: () => {},
    // Triggers and their functions are written by hand in migrations; the entities know nothing of them.
    schemaGenerator: { ignoreTriggers: true, ignoreRoutines: true },
    migrations: {
      migrationsList: migrations,
      path: 'libs/persistence/migrations',
      snapshotName: '.snapshot',
      // The snapshot is what migration:create compares with; migrating writes nothing to the disk.
      snapshotOnMigrate: false,
      emit: 'ts',
      generator: TSMigrationGenerator,
      transactional: true,
      allOrNothing: true,
      disableForeignKeys: false,
    },
  });
}

export async function connect(options: DatabaseOptions): Promise<MikroORM> {
  return MikroORM.init(ormConfig(options));
}
