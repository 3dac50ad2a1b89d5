import { setTimeout as sleep } from 'node:timers/promises';
import { markDelivered, undeliveredNudges } from '#decisions';
import type { Database } from '#persistence';
import type { TemporalClient } from '#temporal';

export interface Relay {
  database: Database;
  temporal: TemporalClient;
  log: { warn(message: string): void };
  signal: AbortSignal;
}

const everyMilliseconds = 1_000;
/** The API's own try comes first; it takes milliseconds when Temporal is there. */
const headStartMilliseconds = 1_000;
const atOnce = 200;

/**
 * Starts and signals what the fast path missed, at least once: after a crash between commit and signal, and after
 * Temporal was away. Runs until aborted; no error ends it.
 */
export async function keepRelaying({ database, temporal, log, signal }: Relay): Promise<void> {
  while (!signal.aborted) {
    try {
      const nudges = await undeliveredNudges(database, { olderThanMilliseconds: headStartMilliseconds, limit: atOnce });
      // Asked first, since a nudge waits twice as long for a server that is away, and its return must be noticed soon.
      const isThere = nudges.length === 0 || (await temporal.isReachable());
      const results = await Promise.allSettled(isThere ? nudges.map((nudge) => temporal.nudge(nudge)) : []);
      const delivered = nudges.filter((_, index) => results[index]?.status === 'fulfilled');
      if (delivered.length > 0) await markDelivered(database, delivered);
      if (delivered.length < nudges.length)
        log.warn(`${nudges.length - delivered.length} workflow nudges wait for Temporal`);
      if (delivered.length === atOnce) continue;
    } catch (error) {
      log.warn(`The relay could not work: ${error instanceof Error ? error.constructor.name : 'unknown'}`);
    }
    await sleep(everyMilliseconds, undefined, { signal }).catch(() => {});
  }
}
