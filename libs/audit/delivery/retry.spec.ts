import { describe, expect, it } from '@jest/globals';
import { secondsToNextAttempt } from './retry.ts';

describe('the time between attempts', () => {
  it.each([
    [1, 5, 10],
    [2, 10, 20],
    [5, 80, 160],
    [9, 1280, 2560],
    [10, 1800, 3600],
    [1_000, 1800, 3600],
  ])('after %i failures in a row is %i to %i seconds', (failures, least, most) => {
    expect(secondsToNextAttempt(failures, () => 0)).toBe(least);
    expect(secondsToNextAttempt(failures, () => 1)).toBe(most);
  });
});
