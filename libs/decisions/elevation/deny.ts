import { isEligibleElevationApprover } from '#access';
import type { Elevation } from '#persistence';
import type { Decision } from '../decision.ts';
import { elevationStatusAt, openCaseToAct, refuseApprover, refuseElevation } from './find.ts';
import { settledElsewhere } from './settled.ts';

/** An administrator of the customer says no, and may say that they did not expect to be asked. */
export async function denyElevation(
  decision: Decision,
  elevationId: string,
  { reason, unexpected = false }: { reason?: string | undefined; unexpected?: boolean | undefined },
): Promise<Elevation> {
  const { actor } = decision;
  const opened = await openCaseToAct(decision, elevationId, 'denied');
  const { elevation, parties, now } = opened;
  if (settledElsewhere(opened, 'denied', actor) && elevation.unexpected === unexpected) return elevation;

  if (actor.kind === 'support') refuseElevation(elevation, 'denied', 'support_never_approves');
  if (actor.kind !== 'account') refuseElevation(elevation, 'denied', 'person_required');
  const ruling = isEligibleElevationApprover(opened.actor, parties, now);
  if (!ruling.allowed) return refuseApprover(opened, 'denied', ruling.code);
  const status = elevationStatusAt(elevation, now);
  if (status !== 'pending') return refuseElevation(elevation, 'denied', 'elevation_not_pending', { state: { status } });

  elevation.status = 'denied';
  elevation.decidedAt = now;
  elevation.decidedById = actor.id;
  elevation.decisionReason = reason ?? null;
  elevation.unexpected = unexpected;
  decision.record({
    action: 'elevation.denied',
    by: ruling.by,
    organizationIds: [elevation.customerId, elevation.partnerId],
    subject: { kind: 'elevation', id: elevation.id },
    facts: { unexpected },
    ...(reason && { personal: { reason } }),
    at: now,
  });
  await decision.nudge('elevation', elevation.id);
  return elevation;
}
