import { elevationStatusAt } from '#decisions';
import { asSystem, databaseNow, Elevation } from '#persistence';
import type { Dependencies } from '../dependencies.ts';
import { reminderAt } from '../reminder.ts';

export interface ElevationState {
  status: Elevation['status'];
  unexpected: boolean;
  untilDeadline: number;
  untilReminder: number | null;
}

/**
 * The request as it stands; times are milliseconds from now by the database's clock, so no other clock matters. A
 * pending request past its deadline is still reported as pending: writing that down is the next step.
 */
export const readElevation =
  ({ database }: Dependencies) =>
  async ({ elevationId }: { elevationId: string }): Promise<ElevationState> =>
    database.transaction(asSystem, async (em) => {
      const elevation = await em.findOneOrFail(Elevation, { id: elevationId });
      const now = await databaseNow(em);
      return {
        status: elevation.status,
        unexpected: elevation.unexpected,
        untilDeadline: elevation.decideBy.getTime() - now.getTime(),
        untilReminder:
          elevationStatusAt(elevation, now) === 'pending'
            ? reminderAt(elevation.createdAt, elevation.decideBy).getTime() - now.getTime()
            : null,
      };
    });
