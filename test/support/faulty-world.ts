import { Database } from '#persistence';
import { FaultyConnection } from './faulty-connection.ts';
import { migrate } from './migrated-database.ts';
import { createWorld, type World, type WorldOptions } from './world.ts';

/** A world whose API and worker reach their database through a network that may fail. */
export interface FaultyWorld {
  world: World;
  network: FaultyConnection;
  /** The same database, past that network: to see what is true. */
  database: Database;
  stop(): Promise<void>;
}

/** On the tests' server, or on one of the test's own. */
export async function createFaultyWorld(options: WorldOptions = {}, ownDatabaseUrl?: string): Promise<FaultyWorld> {
  if (ownDatabaseUrl) await migrate(ownDatabaseUrl);
  const built: { network?: FaultyConnection; database?: Database } = {};
  const world = await createWorld({
    ...options,
    databaseAt: async (madeForUs) => {
      const databaseUrl = ownDatabaseUrl ?? madeForUs;
      built.database = await Database.open({ databaseUrl, poolSize: 2 });
      built.network = await FaultyConnection.to(databaseUrl);
      return built.network.through(databaseUrl);
    },
  });
  const { network, database } = built;
  if (!network || !database) throw new Error('The world has not asked where its database is');
  return {
    world,
    network,
    database,
    async stop() {
      await network.pass();
      await database.close();
      await world.stop();
      await network.stop();
    },
  };
}

/** Answered as the product promises while its database is away: a problem with a stable code and when to come again. */
export function isUnavailable({ status, headers, body }: Awaited<ReturnType<World['visitor']['get']>>): boolean {
  return (
    status === 503 &&
    headers.get('content-type')?.startsWith('application/problem+json') === true &&
    Number(headers.get('retry-after')) > 0 &&
    body.code === 'unavailable'
  );
}
