import type { ElevationView } from '#contracts';
import type { Grant } from '#persistence';
import { grantStatusAt } from './status.ts';

export type GrantState = Pick<Grant, 'id' | 'startsAt' | 'expiresAt' | 'usedAt' | 'status' | 'endedAt' | 'endReason'>;

/** A grant as whatever it belongs to shows it. */
export function viewGrantState(grant: GrantState, now: Date): NonNullable<ElevationView['grant']> {
  const status = grantStatusAt(grant, now);
  return {
    id: grant.id,
    startsAt: grant.startsAt.toISOString(),
    expiresAt: grant.expiresAt.toISOString(),
    usedAt: grant.usedAt?.toISOString() ?? null,
    status,
    endedAt: status === 'expired' ? grant.expiresAt.toISOString() : (grant.endedAt?.toISOString() ?? null),
    endReason: grant.endReason ?? null,
  };
}
