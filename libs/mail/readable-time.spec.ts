import { describe, expect, it } from '@jest/globals';
import { readableDuration, readableInstant } from './readable-time.ts';

describe('readableInstant', () => {
  it.each([
    ['2026-11-22T04:01:59Z', 'Sunday 22 November 2026, 04:01 UTC'],
    ['2026-01-01T00:00:00.000Z', 'Thursday 1 January 2026, 00:00 UTC'],
    ['2026-11-22T00:30:00+02:00', 'Saturday 21 November 2026, 22:30 UTC'],
  ])('%s reads %s', (iso, words) => {
    expect(readableInstant(iso)).toBe(words);
  });

  it('throws at what is no time', () => {
    expect(() => readableInstant('tomorrow')).toThrow(RangeError);
  });
});

describe('readableDuration', () => {
  it.each([
    [1, '1 second'],
    [90, '1 minute 30 seconds'],
    [300, '5 minutes'],
    [3600, '1 hour'],
    [5400, '1 hour 30 minutes'],
    [86_400, '1 day'],
    [259_200, '3 days'],
    [90_061, '1 day 1 hour 1 minute 1 second'],
  ])('%i seconds reads %s', (seconds, words) => {
    expect(readableDuration(seconds)).toBe(words);
  });
});
