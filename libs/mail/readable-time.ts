const instantFormat = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'UTC',
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

/**
 * `2026-11-22T04:01:00Z` → `Sunday 22 November 2026, 04:01 UTC`. Nobody knows the reader's time zone, so it is named.
 *
 * @throws RangeError if the text is no ISO 8601 time
 */
export function readableInstant(iso: string): string {
  // Put together by hand: the punctuation between the parts differs from one ICU release to the next.
  const parts = Object.fromEntries(instantFormat.formatToParts(new Date(iso)).map(({ type, value }) => [type, value]));
  return `${parts.weekday} ${parts.day} ${parts.month} ${parts.year}, ${parts.hour}:${parts.minute} UTC`;
}

const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

/** Seconds in words, `5400` → `1 hour 30 minutes`; exact, so that nobody grants more than they read. */
export function readableDuration(seconds: number): string {
  let rest = Math.round(seconds);
  const words: string[] = [];
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) words.push(`${count} ${unit}${count === 1 ? '' : 's'}`);
  }
  return words.join(' ') || '0 seconds';
}
