import { setTimeout as sleep } from 'node:timers/promises';

const everyMilliseconds = 250;

/** Long polling: answers when the state differs from what it was at the start, or after so many seconds. */
export async function untilChanged<View>(
  seconds: number,
  look: () => Promise<View>,
  stateOf: (view: View) => string,
): Promise<View> {
  const first = await look();
  const rounds = Math.ceil((seconds * 1000) / everyMilliseconds);
  for (let round = 0; round < rounds; round += 1) {
    await sleep(everyMilliseconds);
    const view = await look();
    if (stateOf(view) !== stateOf(first)) return view;
  }
  return seconds === 0 ? first : look();
}
