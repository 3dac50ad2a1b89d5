import { setTimeout as sleep } from 'node:timers/promises';
import { sealEvents, signingKeyFrom } from '#audit';
import type { Database } from '#persistence';

export interface Sealing {
  database: Database;
  /** Seed of the Ed25519 key that signs checkpoints; 32 bytes. */
  signingKey: Buffer;
  log: { warn(message: string): void };
  signal: AbortSignal;
}

const everyMilliseconds = 500;
const batchSize = 5_000;

/** Gives new events their places in the chains of their organizations. Runs until aborted; no error ends it. */
export async function keepSealing({ database, signingKey, log, signal }: Sealing): Promise<void> {
  const key = signingKeyFrom(signingKey);
  while (!signal.aborted) {
    try {
      if ((await sealEvents(database, key, { batchSize })) === batchSize) continue;
    } catch (error) {
      log.warn(`The audit trail could not be sealed: ${error instanceof Error ? error.constructor.name : 'unknown'}`);
    }
    await sleep(everyMilliseconds, undefined, { signal }).catch(() => {});
  }
}
