import { isEligibleElevationApprover } from '#access';
import type { Decision } from '../decision.ts';
import { elevationStatusAt, openCase } from './find.ts';

/**
 * Notes that somebody who could decide has the request before them. The page says so by a POST of its own, since
 * opening a link changes nothing. Only the first time counts; for everybody else nothing happens.
 */
export async function seeElevation(decision: Decision, elevationId: string): Promise<void> {
  const { elevation, actor, parties, now } = await openCase(decision, elevationId);
  const ruling = isEligibleElevationApprover(actor, parties, now);
  const wasSeen = elevation.seenAt !== null && elevation.seenAt !== undefined;
  if (wasSeen || !ruling.allowed || elevationStatusAt(elevation, now) !== 'pending') return;
  elevation.seenAt = now;
  elevation.seenById = decision.actor.id;
  decision.record({
    action: 'elevation.seen',
    by: ruling.by,
    organizationIds: [elevation.customerId, elevation.partnerId],
    subject: { kind: 'elevation', id: elevation.id },
    at: now,
  });
}
