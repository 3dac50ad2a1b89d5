import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { keepWorking, type Polling } from './keep-working.ts';

function polling(): Polling & { isShutDown: () => boolean; breakDown: (error: Error) => void } {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let shutDown = false;
  return {
    ended: promise,
    isShutDown: () => shutDown,
    breakDown: reject,
    shutdown: () => {
      shutDown = true;
      resolve();
    },
  };
}

const log = { warn() {} };

describe('a worker whose Temporal comes and goes', () => {
  it('is replaced by a fresh one when Temporal is back after a while', async () => {
    const [first, second] = [polling(), polling()];
    const looks = [true, false, false, false, true];
    const stopping = new AbortController();
    const working = keepWorking({
      first,
      begin: async () => second,
      temporal: { isReachable: async () => looks.shift() ?? true },
      log,
      signal: stopping.signal,
    });
    await sleep(4_500);
    expect(first.isShutDown()).toBe(false);
    await sleep(1_500);
    expect([first.isShutDown(), second.isShutDown()]).toEqual([true, false]);
    stopping.abort();
    await working;
    expect(second.isShutDown()).toBe(true);
  });

  it('tells when it breaks', async () => {
    const first = polling();
    const working = keepWorking({
      first,
      begin: async () => polling(),
      temporal: { isReachable: async () => true },
      log,
      signal: new AbortController().signal,
    });
    first.breakDown(new Error('The namespace is gone'));
    await expect(working).rejects.toThrow('The namespace is gone');
  });
});
