import { setTimeout as sleep } from 'node:timers/promises';

/** Repeats the check until it passes; after so many milliseconds its last error stands. */
export async function eventually<T>(check: () => T | Promise<T>, milliseconds = 15_000): Promise<T> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(100);
    }
  }
}

/** Looks until what it sees holds, and answers with that. */
export const untilIt = <T>(
  look: () => T | Promise<T>,
  holds: (seen: T) => boolean,
  milliseconds?: number,
): Promise<T> =>
  eventually(async () => {
    const seen = await look();
    if (!holds(seen)) throw new Error(`It did not come to pass: ${JSON.stringify(seen)}`);
    return seen;
  }, milliseconds);
