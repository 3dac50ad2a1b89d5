import type { TemporaryAccess } from './subject.ts';

/** The clock rules: a row counts from its start to just before its end, unless it was ended before. */
export const isLiveAccess = ({ startsAt, expiresAt, endedAt }: TemporaryAccess, now: Date): boolean =>
  startsAt <= now && now < expiresAt && endedAt === null;
