import { apiKeyTerms } from '#access';
import { Refusal } from '#contracts';

/** When a key that gets its token now will expire: as asked, else after the usual time, and never later than a key may. */
export function endOf({ expiresAt }: { expiresAt?: string | undefined }, now: Date): Date {
  if (expiresAt === undefined) return after(now, apiKeyTerms.lasts);
  const end = new Date(expiresAt);
  if (end <= now)
    throw new Refusal('invalid_request', { errors: [{ pointer: '/expiresAt', message: 'in the future' }] });
  if (end > after(now, apiKeyTerms.atMost))
    throw new Refusal('duration_above_policy', { maximumSeconds: apiKeyTerms.atMost });
  return end;
}

export const after = (moment: Date, seconds: number): Date => new Date(moment.getTime() + seconds * 1000);
