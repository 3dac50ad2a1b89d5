import { setTimeout as sleep } from 'node:timers/promises';
import { forgetOldAnswers } from '#decisions';
import type { Database } from '#persistence';

export interface Forgetting {
  database: Database;
  log: { warn(message: string): void };
  signal: AbortSignal;
}

const everyMilliseconds = 10 * 60_000;

/** Deletes what was promised to be kept for a time only. Runs until aborted; no error ends it. */
export async function keepForgetting({ database, log, signal }: Forgetting): Promise<void> {
  while (!signal.aborted) {
    try {
      await forgetOldAnswers(database);
    } catch (error) {
      log.warn(`Old answers could not be deleted: ${error instanceof Error ? error.constructor.name : 'unknown'}`);
    }
    await sleep(everyMilliseconds, undefined, { signal }).catch(() => {});
  }
}
