import { createLog, decisionsWithFastPath, version } from '#composition';
import { completeConfig, ConfigurationError, loadConfig } from '#config';
import { UnknownPayloadKeyError } from '#decisions';
import { Database } from '#persistence';
import { TemporalClient } from '#temporal';
import { createApi } from './create-api.ts';
import { closeGracefully } from './draining/close-gracefully.ts';
import { KnownKeys } from './health/known-keys.ts';

/** Less than the grace that supervisors give before they kill: the notice comes on top. */
const deadlineMilliseconds = 10_000;

async function main(): Promise<void> {
  const config = completeConfig(loadConfig());
  const log = createLog(config, 'countersign-api');
  const database = await Database.open({
    databaseUrl: config.databaseUrl,
    poolSize: config.databasePoolSize,
    applicationName: 'countersign-api',
  });
  const temporal = TemporalClient.connect(config);
  const decisions = decisionsWithFastPath(config, database, temporal);
  const api = await createApi({ config, database, decisions, temporal }, log);
  await refuseWrongKeys(api.get(KnownKeys));
  await api.listen(config.port);
  log.info('The API is listening', { version, node: process.versions.node, port: config.port });

  const stop = async (): Promise<void> => {
    await closeGracefully(api, { noticeMilliseconds: config.drainSeconds * 1000, deadlineMilliseconds });
    await temporal.close();
    await database.close();
    log.info('The API has ended');
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      log.info('The API is told to end', { signal });
      void stop().then(() => process.exit(0));
    });
}

/**
 * Wrong payload keys end the process before it listens. A database that is away or not migrated yet does not: readiness says
 * so, and the keys are looked at as soon as it is there.
 */
async function refuseWrongKeys(keys: KnownKeys): Promise<void> {
  try {
    await keys.check();
  } catch (error) {
    if (error instanceof UnknownPayloadKeyError) throw error;
    const again = async (): Promise<void> => refuseWrongKeys(keys);
    setTimeout(() => void again().catch(end), 1_000).unref();
  }
}

function end(error: unknown): never {
  const isPlain = error instanceof ConfigurationError || error instanceof UnknownPayloadKeyError;
  process.stderr.write(`${isPlain ? error.message : String(error)}\n`);
  process.exit(1);
}

main().catch(end);
