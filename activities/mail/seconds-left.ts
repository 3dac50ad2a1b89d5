/** Seconds until the deadline for a mail to tell, whole minutes where there is one: nobody reads seconds of a mail. */
export function secondsLeft({ decideBy }: { decideBy: Date }, now: Date): number {
  const seconds = Math.max(1, Math.ceil((decideBy.getTime() - now.getTime()) / 1000));
  return seconds < 60 ? seconds : Math.round(seconds / 60) * 60;
}
