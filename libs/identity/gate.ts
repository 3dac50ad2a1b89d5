import { Refusal } from '#contracts';

/** Lets a few tasks run at once and a bounded number wait; more are refused as `unavailable`. */
export class Gate {
  private running = 0;
  private readonly queue: (() => void)[] = [];

  constructor(private readonly limits: { atOnce: number; waiting: number }) {}

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.running >= this.limits.atOnce) {
      if (this.queue.length >= this.limits.waiting) throw new Refusal('unavailable', { retryAfterSeconds: 2 });
      await new Promise<void>((resolve) => this.queue.push(resolve));
    } else {
      this.running += 1;
    }
    try {
      return await task();
    } finally {
      const next = this.queue.shift();
      // The place is handed on, not given back, so that nobody slips in between.
      if (next) next();
      else this.running -= 1;
    }
  }
}
