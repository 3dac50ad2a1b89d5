import { setTimeout as sleep } from 'node:timers/promises';

/**
 * How long to wait until the next look: briefly while there is work, twice as long after each look that found none. An
 * idle service then asks its database every two seconds for a word, and a busy one hears at once.
 */
export class Pauses {
  #next: number;
  #resting: AbortController | undefined;
  #isCutShort = false;

  constructor(
    private readonly shortest: number,
    private readonly longest = 2_000,
  ) {
    this.#next = shortest;
  }

  /** Milliseconds, by what the last look found. */
  after(foundWork: boolean): number {
    const pause = foundWork ? this.shortest : this.#next;
    this.#next = foundWork ? this.shortest : Math.min(this.longest, this.#next * 2);
    return pause;
  }

  /** Resolves when the pause is over, was cut short or is not wanted any more. */
  async rest(foundWork: boolean, signal: AbortSignal): Promise<void> {
    const pause = this.after(foundWork);
    if (!this.#isCutShort) {
      this.#resting = new AbortController();
      const either = AbortSignal.any([signal, this.#resting.signal]);
      await sleep(pause, undefined, { signal: either }).catch(() => {});
    }
    this.#isCutShort = false;
  }

  /** There is work: ends the present pause or, where somebody is looking just now, leaves out the next. */
  cutShort(): void {
    this.#next = this.shortest;
    this.#isCutShort = true;
    this.#resting?.abort();
  }
}
