import { Injectable } from '@nestjs/common';
import type { ThrottlerStorage } from '@nestjs/throttler';
import { addRequests, type RequestsMade } from '#identity';
import type { Database } from '#persistence';

interface Counter {
  /** All that is known of: our own, and what other processes had told when we last told ours. */
  hits: number;
  /** Ours that no other process knows of yet. */
  untold: number;
  /** So many untold ones are worth telling. */
  tellAt: number;
  windowMilliseconds: number;
  endsAt: number;
}

const sweepAbove = 10_000;
const tellEveryMilliseconds = 1_000;
const mostToldAtOnce = 1_000;
/** Whoever uses less of a limit than this is not worth a row: hardly anybody ever comes near it. */
const untoldShare = 0.01;

/**
 * Fixed windows, counted in this process's memory and shared through the database once a second, for the busy callers only:
 * no request waits for it. So a caller gets at most this much more than the limit of all processes together: of each, one
 * per cent of the limit and what it lets through in a second. While the database is away each process counts for itself.
 */
@Injectable()
export class RequestCounters implements ThrottlerStorage {
  private readonly counters = new Map<string, Counter>();
  private readonly worthTelling = new Set<string>();
  private telling: NodeJS.Timeout | undefined;

  constructor(private readonly database: Database) {}

  async increment(key: string, windowMilliseconds: number, limit: number) {
    const now = Date.now();
    const present = this.counters.get(key);
    const counter =
      present && present.endsAt > now
        ? present
        : {
            hits: 0,
            untold: 0,
            tellAt: Math.max(1, limit * untoldShare),
            windowMilliseconds,
            endsAt: now + windowMilliseconds,
          };
    counter.hits += 1;
    counter.untold += 1;
    if (counter !== present) {
      if (this.counters.size >= sweepAbove) this.sweep(now);
      this.counters.set(key, counter);
    }
    // What is refused is not told: whoever goes on trying would be held up for longer elsewhere, and cost rows.
    if (counter.untold >= counter.tellAt && counter.hits - counter.untold <= limit) this.tellSoon(key);
    const secondsLeft = Math.max(1, Math.ceil((counter.endsAt - now) / 1000));
    return {
      totalHits: counter.hits,
      timeToExpire: secondsLeft,
      isBlocked: counter.hits > limit,
      timeToBlockExpire: secondsLeft,
    };
  }

  /** Tells the other processes now what would be told within a second. Never rejects: what was not told is told next time. */
  async tell(): Promise<void> {
    const now = Date.now();
    const told: RequestsMade[] = [];
    for (const key of this.worthTelling) {
      if (told.length === mostToldAtOnce) break;
      this.worthTelling.delete(key);
      const counter = this.counters.get(key);
      if (!counter || counter.endsAt <= now) continue;
      told.push({ key, hits: counter.untold, windowMilliseconds: counter.windowMilliseconds });
      counter.untold = 0;
    }
    if (told.length === 0) return;
    try {
      for (const { key, hits, millisecondsLeft } of await addRequests(this.database, told)) {
        const counter = this.counters.get(key);
        if (!counter) continue;
        counter.hits = hits + counter.untold;
        counter.endsAt = Date.now() + millisecondsLeft;
      }
    } catch {
      for (const { key, hits } of told) {
        const counter = this.counters.get(key);
        if (counter) counter.untold += hits;
        this.worthTelling.add(key);
      }
    }
  }

  private tellSoon(key: string): void {
    this.worthTelling.add(key);
    this.telling ??= setTimeout(() => {
      this.telling = undefined;
      void this.tell();
    }, tellEveryMilliseconds).unref();
  }

  private sweep(now: number): void {
    for (const [key, { endsAt }] of this.counters) if (endsAt <= now) this.counters.delete(key);
  }
}
