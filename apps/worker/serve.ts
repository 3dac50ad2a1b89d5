import { UnknownSigningKeyError } from '#audit';
import { createLog, decisionsWithFastPath, version } from '#composition';
import { completeConfig, ConfigurationError, loadConfig } from '#config';
import { UnknownPayloadKeyError } from '#decisions';
import { Database } from '#persistence';
import { TemporalClient } from '#temporal';
import { startHealthListener } from './health-listener.ts';
import { untilMigrated, untilReachable } from './until-reachable.ts';
import { startWorker, type RunningWorker } from './worker.ts';

/** One seals, one asks witnesses, and neither waits for the other. */
const sealerPoolSize = 2;

async function main(): Promise<void> {
  const config = completeConfig(loadConfig());
  const log = createLog(config, 'countersign-worker');
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      log.info('The worker is told to end', { signal });
      interrupted.abort();
    });

  const database = await Database.open({
    databaseUrl: config.databaseUrl,
    poolSize: config.databasePoolSize,
    applicationName: 'countersign-worker',
  });
  const sealerDatabase = config.sealerDatabaseUrl
    ? await Database.open({
        databaseUrl: config.sealerDatabaseUrl,
        poolSize: sealerPoolSize,
        applicationName: 'countersign-sealer',
      })
    : undefined;
  const temporal = TemporalClient.connect(config);
  let worker: RunningWorker | undefined;
  // Before everything that may take its time: a worker that waits is alive and not ready.
  const health = await startHealthListener({ config, database, temporal, worker: () => worker });
  try {
    if (!(await untilMigrated(database, log, interrupted.signal))) return;
    if (!(await untilReachable(temporal, log, interrupted.signal))) return;
    const decisions = decisionsWithFastPath(config, database, temporal);
    const started = await startWorker({ config, database, sealerDatabase, decisions, temporal, log });
    worker = started;
    log.info('The worker is running', { version, node: process.versions.node });
    interrupted.signal.addEventListener('abort', () => void started.stop().catch(() => {}));
    if (interrupted.signal.aborted) await started.stop();
    await started.finished;
  } finally {
    await health?.close();
    await temporal.close();
    await sealerDatabase?.close();
    await database.close();
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const isPlain = [ConfigurationError, UnknownPayloadKeyError, UnknownSigningKeyError].some(
      (kind) => error instanceof kind,
    );
    process.stderr.write(`${isPlain ? (error as Error).message : String(error)}\n`);
    process.exit(1);
  },
);
