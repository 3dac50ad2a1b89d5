import { closeGracefully, createApi } from '#api';
import { createLog, decisionsWithFastPath } from '#composition';
import type { CompleteConfig } from '#config';
import { Database } from '#persistence';
import { TemporalClient } from '#temporal';
import { startHealthListener, startWorker } from '#worker';

export interface Service {
  /** Where the API listens. */
  url: string;
  /** Rejects when the worker broke. */
  finished: Promise<void>;
  stop(): Promise<void>;
}

export interface ServiceOptions {
  config: CompleteConfig;
  onProgress: (message: string) => void;
}

/** Migrates, then runs the API and a worker in this process. On a laptop only this machine reaches it. */
export async function startService({ config, onProgress }: ServiceOptions): Promise<Service> {
  const started: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of started.splice(0).toReversed())
      await end().catch((error: unknown) => onProgress(`While stopping: ${String(error)}`));
  };
  try {
    const database = await Database.open({ databaseUrl: config.databaseUrl });
    started.push(() => database.close());
    onProgress('Migrating the database');
    await database.migrate();

    const temporal = TemporalClient.connect(config);
    started.push(() => temporal.close());
    const decisions = decisionsWithFastPath(config, database, temporal);
    onProgress('Starting the API');
    // Whoever looks at a terminal is not told of each request.
    const logLevel = config.logLevel === 'info' ? 'warn' : config.logLevel;
    const api = await createApi(
      { config, database, decisions, temporal },
      createLog({ ...config, logLevel }, 'countersign-api'),
    );
    // Whoever pressed Ctrl-C waits for nobody's long poll.
    started.push(() => closeGracefully(api, { noticeMilliseconds: 0, deadlineMilliseconds: 2_000 }));
    await api.listen(config.port, config.nodeEnv === 'production' ? '0.0.0.0' : '127.0.0.1');

    onProgress('Starting the worker');
    const log = { info: onProgress, warn: (message: string) => onProgress(`Warning: ${message}`) };
    const worker = await startWorker({ config, database, decisions, temporal, log });
    started.push(() => worker.stop());
    const health = await startHealthListener({ config, database, temporal, worker: () => worker });
    if (health) started.push(() => health.close());
    return { url: config.publicUrl, finished: worker.finished, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
