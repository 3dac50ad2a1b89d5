import { decisionsWithFastPath } from '#composition';
import { completeConfig, ConfigurationError, loadConfig } from '#config';
import { Database } from '#persistence';
import { TemporalClient } from '#temporal';
import { createApi } from './create-api.ts';
import { closeGracefully } from './draining/close-gracefully.ts';

/** Less than the grace that supervisors give before they kill: the notice comes on top. */
const deadlineMilliseconds = 10_000;

async function main(): Promise<void> {
  const config = completeConfig(loadConfig());
  const database = await Database.open({
    databaseUrl: config.databaseUrl,
    poolSize: config.databasePoolSize,
    applicationName: 'countersign-api',
  });
  const temporal = TemporalClient.connect(config);
  const decisions = decisionsWithFastPath(config, database, temporal);
  const api = await createApi({ config, database, decisions, temporal });
  await api.listen(config.port);

  const stop = async (): Promise<void> => {
    await closeGracefully(api, { noticeMilliseconds: config.drainSeconds * 1000, deadlineMilliseconds });
    await temporal.close();
    await database.close();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void stop().then(() => process.exit(0)));
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof ConfigurationError ? error.message : String(error)}\n`);
  process.exit(1);
});
