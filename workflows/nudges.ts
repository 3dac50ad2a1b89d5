import { condition, defineSignal, setHandler } from '@temporalio/workflow';
import { nudgeSignal } from '../libs/contracts/workflows.ts';

export const nudge = defineSignal(nudgeSignal);

/** Waits for "look at your row again" or for time to pass; a nudge that came earlier is not missed. */
export interface Nudges {
  /** Resolves at the next nudge since the last call, or after so many milliseconds. */
  next(withinMilliseconds: number): Promise<void>;
}

/** Call before the first await of a workflow, so that no nudge comes before its handler. */
export function listenForNudges(): Nudges {
  let pending = false;
  setHandler(nudge, () => {
    pending = true;
  });
  return {
    async next(withinMilliseconds) {
      await condition(() => pending, Math.max(1, withinMilliseconds));
      pending = false;
    },
  };
}
