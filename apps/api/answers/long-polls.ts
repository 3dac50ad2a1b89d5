import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Refusal } from '#contracts';
import { Gate } from '#identity';
import { Database } from '#persistence';
import { Draining } from '../draining/draining.ts';

/** A wish to be answered when something has changed. */
export interface Wait {
  seconds: number;
  /** Who waits. */
  principal: string;
  /** Aborted when the client has gone. */
  gone: AbortSignal;
}

const atOnceEach = 10;
const atOnceInAll = 500;
/** Time changes states, too, and tells nobody; while nothing is heard, neither does anybody else. */
const lookAgainMilliseconds = { hearing: 5_000, deaf: 1_000 };

/**
 * Answers that wait for a change: at once where the row has changed, else when the time is over by the clock, the client
 * has gone or the process is about to end. So many wait at once, and their looks never take half of the connections.
 */
@Injectable()
export class LongPolls {
  private readonly waiting = new Map<string, number>();
  private readonly looks: Gate;

  constructor(
    private readonly database: Database,
    private readonly draining: Draining,
  ) {
    this.looks = new Gate({ atOnce: Math.ceil(database.poolSize / 2) - 1, waiting: atOnceInAll });
  }

  /** How many wait now. */
  get open(): number {
    let sum = 0;
    for (const count of this.waiting.values()) sum += count;
    return sum;
  }

  async untilChanged<View>(
    { seconds, principal, gone }: Wait,
    rowId: string,
    look: () => Promise<View>,
    stateOf: (view: View) => string,
  ): Promise<View> {
    if (seconds === 0) return look();
    const own = this.waiting.get(principal) ?? 0;
    if (own >= atOnceEach) throw new Refusal('too_many_requests', { retryAfterSeconds: 1 });
    if (this.open >= atOnceInAll) throw new Refusal('unavailable', { retryAfterSeconds: 1 });
    this.waiting.set(principal, own + 1);

    const change = new Change();
    const stopListening = this.database.changes.listen(rowId, () => change.happened());
    const deadline = performance.now() + seconds * 1000;
    const over = AbortSignal.any([gone, this.draining.signal]);
    try {
      const first = await this.looks.run(look);
      let view = first;
      for (let left = seconds * 1000; left > 0 && !over.aborted; left = deadline - performance.now()) {
        const pause = this.database.changes.isHearing ? lookAgainMilliseconds.hearing : lookAgainMilliseconds.deaf;
        await change.within(Math.min(left, pause), over);
        if (gone.aborted) return view;
        view = await this.looks.run(look);
        if (stateOf(view) !== stateOf(first)) return view;
      }
      return view;
    } finally {
      stopListening();
      const left = (this.waiting.get(principal) ?? 1) - 1;
      if (left > 0) this.waiting.set(principal, left);
      else this.waiting.delete(principal);
    }
  }
}

/** Something that may happen while nobody waits for it, and is not missed then. */
class Change {
  private hasHappened = false;
  private waking = new AbortController();

  happened(): void {
    this.hasHappened = true;
    this.waking.abort();
  }

  async within(milliseconds: number, over: AbortSignal): Promise<void> {
    if (!this.hasHappened) {
      await sleep(milliseconds, undefined, { signal: AbortSignal.any([this.waking.signal, over]) }).catch(() => {});
    }
    this.hasHappened = false;
    this.waking = new AbortController();
  }
}
