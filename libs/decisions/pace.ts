import { Refusal } from '#contracts';

const hourMilliseconds = 3600_000;

/** Whoever asks within it asks often or seldom: the hour before now. */
export const hourBefore = (now: Date): Date => new Date(now.getTime() - hourMilliseconds);

/**
 * Everything asked is a mail to everybody who decides, so one person may ask one organization so often in an hour and no
 * more: `too_many_requests` until the first of them is an hour old. Withdrawing what was asked does not give it back.
 */
export function requirePaceLeft(asked: readonly { createdAt: Date }[], perHour: number, now: Date): void {
  const inHour = asked.map(({ createdAt }) => createdAt.getTime()).filter((at) => at > hourBefore(now).getTime());
  const first = inHour.toSorted((one, other) => other - one)[perHour - 1];
  if (first === undefined) return;
  throw new Refusal('too_many_requests', {
    retryAfterSeconds: Math.max(1, Math.ceil((first + hourMilliseconds - now.getTime()) / 1000)),
  });
}
