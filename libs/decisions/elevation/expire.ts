import { Elevation } from '#persistence';
import { theClock, type Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';

/** Writes down that nobody decided in time. The clock's part of a decision: guarded, harmless to repeat. */
export async function expireElevation(decision: Decision, elevationId: string): Promise<Elevation | null> {
  const elevation = await lockRow(decision.em, Elevation, { id: elevationId });
  if (!elevation) return null;
  const now = await decision.now();
  if (elevation.status === 'pending' && elevation.decideBy <= now) await expireRequest(decision, elevation, now);
  return elevation;
}

/** The row is locked, pending and overdue. The moment on record is the deadline, not when somebody noticed. */
export async function expireRequest(decision: Decision, elevation: Elevation, now: Date): Promise<void> {
  elevation.status = 'expired';
  elevation.decidedAt = elevation.decideBy;
  decision.record({
    action: 'elevation.expired',
    actor: theClock(),
    organizationIds: [elevation.customerId, elevation.partnerId],
    subject: { kind: 'elevation', id: elevation.id },
    facts: { decideBy: elevation.decideBy },
    at: now,
  });
  await decision.nudge('elevation', elevation.id);
}
