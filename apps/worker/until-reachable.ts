import { setTimeout as sleep } from 'node:timers/promises';
import type { TemporalClient } from '#temporal';

const everyMilliseconds = 1_000;

/** Waits for Temporal, so that the order in which servers start does not matter. False where it was aborted before. */
export async function untilReachable(
  temporal: Pick<TemporalClient, 'isReachable'>,
  log: { warn(message: string): void },
  signal: AbortSignal,
): Promise<boolean> {
  let told = false;
  while (!signal.aborted) {
    if (await temporal.isReachable()) return true;
    if (!told) log.warn('Temporal cannot be reached; waiting for it');
    told = true;
    await sleep(everyMilliseconds, undefined, { signal }).catch(() => {});
  }
  return false;
}
