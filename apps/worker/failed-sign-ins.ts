import { setTimeout as sleep } from 'node:timers/promises';
import { tellFailedSignIns } from '#decisions';
import type { Database } from '#persistence';

export interface TellingOfFailures {
  database: Database;
  log: { warn(message: string): void };
  signal: AbortSignal;
}

const everyMilliseconds = 2_000;
const batchSize = 200;

/** Puts sign-ins in vain on the trails of the organizations concerned. Runs until aborted; no error ends it. */
export async function keepTellingFailures({ database, log, signal }: TellingOfFailures): Promise<void> {
  while (!signal.aborted) {
    try {
      if ((await tellFailedSignIns(database, { batchSize })) === batchSize) continue;
    } catch (error) {
      log.warn(`Failed sign-ins could not be told: ${error instanceof Error ? error.constructor.name : 'unknown'}`);
    }
    await sleep(everyMilliseconds, undefined, { signal }).catch(() => {});
  }
}
