import { describe, expect, it } from '@jest/globals';
import { Pauses } from './pauses.ts';

const never = new AbortController().signal;
const aMinute = 60_000;

describe('the pauses between looks for work', () => {
  it('grow while there is none, and end as soon as there is some', () => {
    const pauses = new Pauses(500);
    expect([1, 2, 3, 4, 5].map(() => pauses.after(false))).toEqual([500, 1_000, 2_000, 2_000, 2_000]);
    expect(pauses.after(true)).toBe(500);
    expect(pauses.after(false)).toBe(500);
    expect(pauses.after(false)).toBe(1_000);
  });

  it('are cut short by whoever makes work', async () => {
    const pauses = new Pauses(aMinute, aMinute);
    const resting = pauses.rest(false, never);
    pauses.cutShort();
    await resting;
  });

  it('are left out where work came during the look itself', async () => {
    const pauses = new Pauses(aMinute, aMinute);
    pauses.cutShort();
    await pauses.rest(false, never);
  });

  it('end when nobody wants to look any more', async () => {
    const stopping = new AbortController();
    const resting = new Pauses(aMinute, aMinute).rest(false, stopping.signal);
    stopping.abort();
    await resting;
  });
});
