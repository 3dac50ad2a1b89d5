import { setTimeout as sleep } from 'node:timers/promises';
import type { TemporalClient } from '#temporal';

/** A Temporal worker that polls until it is shut down. */
export interface Polling {
  /** Resolves when it was shut down; rejects when it broke. */
  readonly ended: Promise<void>;
  shutdown(): void;
}

export interface KeepWorking {
  first: Polling;
  /** Starts another one on a connection of its own. */
  begin: () => Promise<Polling>;
  temporal: Pick<TemporalClient, 'isReachable'>;
  log: { warn(message: string): void };
  signal: AbortSignal;
}

const everyMilliseconds = 1_000;
/** Looks in a row that must fail before Temporal counts as away; shorter gaps the native client bridges quickly itself. */
const failuresThatCount = 3;

/**
 * Runs one worker until aborted. The native client asks a server that is away ever more rarely, up to ten seconds and
 * more; so when Temporal is back after a while, a fresh worker takes over at once and the former one ends.
 * Rejects when the worker breaks.
 */
export async function keepWorking({ first, begin, temporal, log, signal }: KeepWorking): Promise<void> {
  let current = first;
  const all = new Set<Promise<void>>();
  const broken = new AbortController();
  const watch = (polling: Polling): void => {
    const ended = polling.ended
      .catch((error: unknown) => {
        // What happens to a worker that was replaced is of no interest any more.
        if (polling !== current) return;
        broken.abort(error);
      })
      .finally(() => all.delete(ended));
    all.add(ended);
  };
  watch(current);

  const over = AbortSignal.any([signal, broken.signal]);
  let failures = 0;
  while (!over.aborted) {
    await sleep(everyMilliseconds, undefined, { signal: over }).catch(() => {});
    if (over.aborted) break;
    if (!(await temporal.isReachable())) {
      failures += 1;
      continue;
    }
    if (failures >= failuresThatCount && !over.aborted) {
      try {
        const former = current;
        current = await begin();
        watch(current);
        former.shutdown();
        log.warn('Temporal is back; a fresh worker has taken over');
      } catch {
        // It went away again: the next look will tell.
        continue;
      }
    }
    failures = 0;
  }
  if (!broken.signal.aborted) current.shutdown();
  await Promise.all(all);
  broken.signal.throwIfAborted();
}
