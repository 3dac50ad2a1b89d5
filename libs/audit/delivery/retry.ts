const firstSeconds = 5;
const longestSeconds = 3600;

/** Three days without anything arriving, and a webhook is disabled. */
export const giveUpAfterSeconds = 3 * 24 * 3600;

/**
 * Seconds from the n-th failure in a row to the next attempt: doubled each time, from 5 seconds to an hour, spread by
 * half of it so that receivers that failed together are not tried together.
 */
export function secondsToNextAttempt(failures: number, random: () => number = Math.random): number {
  const most = Math.min(longestSeconds, firstSeconds * 2 ** Math.min(failures, 20));
  return most / 2 + (random() * most) / 2;
}
