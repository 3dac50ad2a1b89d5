import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '#persistence';
import type { TemporalClient } from '#temporal';

const everyMilliseconds = 1_000;

type Log = { warn(message: string): void };

/** Waits for Temporal, so that the order in which servers start does not matter. False where it was aborted before. */
export async function untilReachable(
  temporal: Pick<TemporalClient, 'isReachable'>,
  log: Log,
  signal: AbortSignal,
): Promise<boolean> {
  return until(
    async () => ((await temporal.isReachable()) ? null : 'Temporal cannot be reached; waiting for it'),
    log,
    signal,
  );
}

/** Waits for the database and for `countersign migrate`. False where it was aborted before. */
export async function untilMigrated(
  database: Pick<Database, 'schema'>,
  log: Log,
  signal: AbortSignal,
): Promise<boolean> {
  const missing = async (): Promise<string | null> => {
    const schema = await database.schema();
    if (schema === null) return 'The database cannot be reached; waiting for it';
    return schema === 'older'
      ? "The database's schema is older than this release; waiting for `countersign migrate`"
      : null;
  };
  return until(missing, log, signal);
}

/** Says what is missing when it changes, and not every second. */
async function until(missing: () => Promise<string | null>, log: Log, signal: AbortSignal): Promise<boolean> {
  let told: string | null = null;
  while (!signal.aborted) {
    const what = await missing();
    if (what === null) return true;
    if (what !== told) log.warn(what);
    told = what;
    await sleep(everyMilliseconds, undefined, { signal }).catch(() => {});
  }
  return false;
}
