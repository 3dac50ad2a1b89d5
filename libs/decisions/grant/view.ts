import type { ElevationView } from '#contracts';
import { settingsOpenedByElevation, type Area } from '#access';
import type { Grant } from '#persistence';
import { grantStatusAt } from './status.ts';

export type GrantState = Pick<
  Grant,
  'id' | 'startsAt' | 'expiresAt' | 'usedAt' | 'status' | 'endedAt' | 'endReason' | 'areas'
>;

/** Areas by name, where none are named as well: then a grant opens all that one may. */
export const areasInWhole = (areas: readonly Area[] | null | undefined): Area[] => [
  ...(areas ?? settingsOpenedByElevation()),
];

/** A grant as whatever it belongs to shows it. */
export function viewGrantState(
  grant: GrantState & { kind?: Grant['kind'] },
  now: Date,
): NonNullable<ElevationView['grant']> {
  const status = grantStatusAt(grant, now);
  return {
    id: grant.id,
    startsAt: grant.startsAt.toISOString(),
    expiresAt: grant.expiresAt.toISOString(),
    areas: grant.kind === 'elevation' ? areasInWhole(grant.areas) : null,
    usedAt: grant.usedAt?.toISOString() ?? null,
    status,
    endedAt: status === 'expired' ? grant.expiresAt.toISOString() : (grant.endedAt?.toISOString() ?? null),
    endReason: grant.endReason ?? null,
  };
}
