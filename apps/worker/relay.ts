import { hasUndeliveredNudges, leaseNudges, markDelivered, releaseNudges } from '#decisions';
import type { Database } from '#persistence';
import type { TemporalClient } from '#temporal';
import { Pauses } from './pauses.ts';

export interface Relay {
  database: Database;
  temporal: Pick<TemporalClient, 'isReachable' | 'nudge'>;
  log: { warn(message: string): void };
  signal: AbortSignal;
}

/** The API's own try comes first; it takes milliseconds when Temporal is there. */
const headStartMilliseconds = 1_000;
/** Longer than one nudge may take, so that nobody else delivers what is under way. */
const leaseMilliseconds = 5_000;
const atOnce = 200;

/**
 * Starts and signals what the fast path missed, at least once: after a crash between commit and signal, and after
 * Temporal was away. Of several workers each takes some. Runs until aborted; no error ends it.
 */
export async function keepRelaying({ database, temporal, log, signal }: Relay): Promise<void> {
  const age = { olderThanMilliseconds: headStartMilliseconds };
  const pauses = new Pauses(1_000);
  while (!signal.aborted) {
    let isWaiting = true;
    try {
      isWaiting = await hasUndeliveredNudges(database, age);
      // Asked first, since a nudge waits twice as long for a server that is away, and its return must be noticed soon.
      if (isWaiting && (await temporal.isReachable())) {
        const nudges = await leaseNudges(database, { ...age, leaseMilliseconds, limit: atOnce });
        const results = await Promise.allSettled(nudges.map((nudge) => temporal.nudge(nudge)));
        const delivered = nudges.filter((_, index) => results[index]?.status === 'fulfilled');
        await markDelivered(database, delivered);
        if (delivered.length === atOnce) continue;
        const left = nudges.filter((nudge) => !delivered.includes(nudge));
        await releaseNudges(database, left);
        if (left.length > 0) log.warn(`${left.length} workflow nudges wait for Temporal`);
      } else if (isWaiting) log.warn('Workflow nudges wait for Temporal');
    } catch (error) {
      log.warn(`The relay could not work: ${error instanceof Error ? error.constructor.name : 'unknown'}`);
    }
    await pauses.rest(isWaiting, signal);
  }
}
