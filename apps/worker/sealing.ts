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
const largestBatch = 5_000;
const smallestBatch = 50;

/** Gives new events their places in the chains of their organizations. Runs until aborted; no error ends it. */
export async function keepSealing({ database, signingKey, log, signal }: Sealing): Promise<void> {
  const key = signingKeyFrom(signingKey);
  let batchSize = largestBatch;
  while (!signal.aborted) {
    try {
      const sealed = await sealEvents(database, key, { batchSize });
      if (sealed === batchSize) continue;
      batchSize = largestBatch;
    } catch (error) {
      // A slow database ends long transactions; smaller ones get on nevertheless.
      batchSize = Math.max(smallestBatch, Math.floor(batchSize / 2));
      log.warn(`The audit trail could not be sealed: ${error instanceof Error ? error.constructor.name : 'unknown'}`);
    }
    await sleep(everyMilliseconds, undefined, { signal }).catch(() => {});
  }
}
