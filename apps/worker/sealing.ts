import { growTree, laggingTrees, sealEvents, signingKeyFrom } from '#audit';
import type { Database } from '#persistence';
import { Pauses } from './pauses.ts';

export interface Sealing {
  database: Database;
  /** Seed of the Ed25519 key that signs checkpoints; 32 bytes. */
  signingKey: Buffer;
  /** Names the service in the origins of trails, as a URL without its scheme. */
  logName: string;
  log: { warn(message: string): void };
  signal: AbortSignal;
  /** There are events in their places that were not before. */
  onSealed?: () => void;
}

const largestBatch = 5_000;
const smallestBatch = 50;

/** Gives new events their places in the chains of their organizations. Runs until aborted; no error ends it. */
export async function keepSealing({
  database,
  signingKey,
  logName,
  log,
  signal,
  onSealed = () => {},
}: Sealing): Promise<void> {
  const key = signingKeyFrom(signingKey);
  const pauses = new Pauses(500);
  let batchSize = largestBatch;
  // Trails from before there were trees; looked at again until the database has answered.
  let isLookedThrough = false;
  const lagging = new Set<string>();
  const contested = new Set<string>();
  const onUnsigned = (organizationIds: readonly string[]) => {
    for (const id of organizationIds) if (!contested.has(id)) lagging.add(id);
  };
  while (!signal.aborted) {
    let sealed = 0;
    try {
      if (!isLookedThrough) onUnsigned(await laggingTrees(database));
      isLookedThrough = true;
      sealed = await sealEvents(database, key, { batchSize, logName, onUnsigned });
      if (sealed > 0) onSealed();
      for (const organizationId of lagging) {
        if (signal.aborted) return;
        if (!(await growTree(database, key, organizationId, { logName }))) {
          contested.add(organizationId);
          log.warn(`The audit trail of ${organizationId} is not what was signed before: its checkpoint stays as it is`);
        }
        lagging.delete(organizationId);
      }
      if (sealed === batchSize) continue;
      batchSize = largestBatch;
    } catch (error) {
      // A slow database ends long transactions; smaller ones get on nevertheless.
      batchSize = Math.max(smallestBatch, Math.floor(batchSize / 2));
      log.warn(`The audit trail could not be sealed: ${error instanceof Error ? error.constructor.name : 'unknown'}`);
    }
    await pauses.rest(sealed > 0, signal);
  }
}
