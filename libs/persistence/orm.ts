import { Migrator, TSMigrationGenerator } from '@mikro-orm/migrations';
import { defineConfig, MikroORM } from '@mikro-orm/postgresql';
import * as entities from './entities/index.ts';
import { migrations } from './migrations/index.ts';

export const entityList = Object.values(entities);

export interface DatabaseOptions {
  databaseUrl: string;
  /** Connections of the pool; default 10. */
  poolSize?: number;
  /** Shown in pg_stat_activity. */
  applicationName?: string;
}

export function ormConfig({ databaseUrl, poolSize = 10, applicationName = 'countersign' }: DatabaseOptions) {
  return defineConfig({
    clientUrl: databaseUrl,
    entities: entityList,
    extensions: [Migrator],
    forceUtcTimezone: true,
    pool: { min: 0, max: poolSize, idleTimeoutMillis: 30_000 },
    driverOptions: {
      application_name: applicationName,
      connectionTimeoutMillis: 4_000,
      // A lost database answers 503 within seconds instead of holding every request.
      statement_timeout: 15_000,
      lock_timeout: 8_000,
      idle_in_transaction_session_timeout: 20_000,
      keepAlive: true,
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
