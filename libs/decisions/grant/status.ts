import type { GrantStatus } from '#access';
import type { Grant } from '#persistence';

/** The state as it counts at this moment: a grant past its end is over, whether or not anybody wrote it down. */
export const grantStatusAt = ({ status, expiresAt }: Pick<Grant, 'status' | 'expiresAt'>, now: Date) =>
  status === 'active' && expiresAt <= now ? 'expired' : status;

/** The same question to the database. */
export function grantInStatusAt(status: GrantStatus, now: Date) {
  if (status === 'active') return { status, expiresAt: { $gt: now } };
  if (status === 'expired') return { $or: [{ status }, { status: 'active' as const, expiresAt: { $lte: now } }] };
  return { status };
}
