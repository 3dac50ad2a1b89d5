import { setTimeout as sleep } from 'node:timers/promises';
import { forgetOldAnswers, forgetWhatIsOver, type Retention } from '#decisions';
import type { Database } from '#persistence';
import type { RuntimeLog } from './runtime.ts';

export interface Forgetting {
  database: Database;
  retention: Retention;
  log: Pick<RuntimeLog, 'info' | 'warn'>;
  signal: AbortSignal;
}

const everyMilliseconds = 10 * 60_000;

/** Deletes what was promised to be kept for a time only. Runs until aborted; no error ends it. */
export async function keepForgetting({ database, retention, log, signal }: Forgetting): Promise<void> {
  while (!signal.aborted) {
    try {
      await forgetOldAnswers(database);
      const forgotten = await forgetWhatIsOver(database, retention, signal);
      if (forgotten > 0) log.info('What was over for long is deleted', { rows: forgotten });
    } catch (error) {
      log.warn(`What is over could not be deleted: ${error instanceof Error ? error.constructor.name : 'unknown'}`);
    }
    await sleep(everyMilliseconds, undefined, { signal }).catch(() => {});
  }
}
