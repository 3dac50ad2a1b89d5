import type { ElevationStatus } from '#access';
import type { Actor } from '../decision.ts';
import type { ElevationCase } from './find.ts';

/** The same decision again by the same person, to the same effect, changes nothing and is not an error. */
export function settledElsewhere({ elevation }: ElevationCase, decided: ElevationStatus, actor: Actor): boolean {
  return elevation.status === decided && elevation.decidedById !== null && elevation.decidedById === actor.id;
}
