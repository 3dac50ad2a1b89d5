import { mayCancelElevation } from '#access';
import type { Elevation } from '#persistence';
import type { Decision } from '../decision.ts';
import { elevationStatusAt, openCaseToAct, refuseElevation } from './find.ts';
import { settledElsewhere } from './settled.ts';

/** The agent withdraws the request. */
export async function cancelElevation(decision: Decision, elevationId: string): Promise<Elevation> {
  const { actor } = decision;
  const opened = await openCaseToAct(decision, elevationId, 'cancelled');
  const { elevation, parties, now } = opened;
  if (settledElsewhere(opened, 'cancelled', actor)) return elevation;

  const ruling = mayCancelElevation(opened.actor, parties);
  if (!ruling.allowed) return refuseElevation(elevation, 'cancelled', ruling.code);
  const status = elevationStatusAt(elevation, now);
  if (status !== 'pending')
    return refuseElevation(elevation, 'cancelled', 'elevation_not_pending', { state: { status } });

  elevation.status = 'cancelled';
  elevation.decidedAt = now;
  elevation.decidedById = actor.id;
  decision.record({
    action: 'elevation.cancelled',
    by: ruling.by,
    organizationIds: [elevation.customerId, elevation.partnerId],
    subject: { kind: 'elevation', id: elevation.id },
    at: now,
  });
  await decision.nudge('elevation', elevation.id);
  return elevation;
}
