import { Injectable } from '@nestjs/common';
import type { ThrottlerStorage } from '@nestjs/throttler';

interface Counter {
  hits: number;
  endsAt: number;
}

const sweepAbove = 10_000;

/** Fixed windows in this process's memory: one number per caller, however many requests a window allows. */
@Injectable()
export class RequestCounters implements ThrottlerStorage {
  private readonly counters = new Map<string, Counter>();

  async increment(key: string, windowMilliseconds: number, limit: number) {
    const now = Date.now();
    const present = this.counters.get(key);
    const counter = present && present.endsAt > now ? present : { hits: 0, endsAt: now + windowMilliseconds };
    counter.hits += 1;
    if (counter !== present) {
      if (this.counters.size >= sweepAbove) this.sweep(now);
      this.counters.set(key, counter);
    }
    const secondsLeft = Math.max(1, Math.ceil((counter.endsAt - now) / 1000));
    return {
      totalHits: counter.hits,
      timeToExpire: secondsLeft,
      isBlocked: counter.hits > limit,
      timeToBlockExpire: secondsLeft,
    };
  }

  private sweep(now: number): void {
    for (const [key, { endsAt }] of this.counters) if (endsAt <= now) this.counters.delete(key);
  }
}
