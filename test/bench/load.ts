import { setTimeout as sleep } from 'node:timers/promises';
import { median, quantile } from './pairs.ts';

/** What a load met. Times are milliseconds. */
export interface Load {
  count: number;
  perSecond: number;
  p50: number;
  p99: number;
  /** Processor milliseconds a request of the process that was watched; 0 where none was. */
  processor: number;
}

export interface ClosedLoop {
  /** Requests in flight at any moment. */
  inFlight: number;
  /** Ends after so many requests … */
  count?: number;
  /** … or after so many milliseconds, whichever is first. */
  milliseconds?: number;
  /** Read before and after. */
  processorTime?: () => Promise<number>;
}

/** As many callers as are to be in flight, each asking again as soon as it is answered. */
export async function closedLoop(
  { inFlight, count = Infinity, milliseconds = Infinity, processorTime = async () => 0 }: ClosedLoop,
  act: (index: number, lane: number) => Promise<unknown>,
): Promise<Load> {
  const times: number[] = [];
  let next = 0;
  const processorBefore = await processorTime();
  const begin = performance.now();
  const lane = async (number: number): Promise<void> => {
    while (next < count && performance.now() - begin < milliseconds) {
      const index = next;
      next += 1;
      const start = performance.now();
      await act(index, number);
      times.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, (_, number) => lane(number)));
  const elapsed = performance.now() - begin;
  const processor = ((await processorTime()) - processorBefore) / times.length;
  return summed(times, elapsed, processor);
}

/** Requests at a steady rate, whether or not the earlier ones have been answered: times include waiting for a turn. */
export async function steadyRate(
  perSecond: number,
  milliseconds: number,
  act: (index: number) => Promise<unknown>,
): Promise<Load> {
  const times: number[] = [];
  const underWay: Promise<void>[] = [];
  const begin = performance.now();
  const wanted = Math.floor((perSecond * milliseconds) / 1000);
  for (let index = 0; index < wanted; index += 1) {
    const due = begin + (index * 1000) / perSecond;
    const early = due - performance.now();
    if (early > 0) await sleep(early);
    // Counted from when it was due: a caller that was held up itself must not hide it.
    underWay.push(act(index).then(() => void times.push(performance.now() - due)));
  }
  await Promise.all(underWay);
  return summed(times, performance.now() - begin, 0);
}

function summed(times: readonly number[], elapsed: number, processor: number): Load {
  return {
    count: times.length,
    perSecond: (times.length / elapsed) * 1000,
    p50: median(times),
    p99: quantile(times, 0.99),
    processor,
  };
}
