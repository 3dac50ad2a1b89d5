import type { Elevation } from '#persistence';
import type { Decision } from '../decision.ts';

/** A locked, pending request whose agent lost the right to ask: it is withdrawn, and says why. */
export async function cancelWithoutRight(
  decision: Decision,
  elevation: Elevation,
  cause: string,
  now: Date,
): Promise<void> {
  elevation.status = 'cancelled';
  elevation.decidedAt = now;
  elevation.decisionReason = cause;
  decision.record({
    action: 'elevation.cancelled',
    organizationIds: [elevation.customerId, elevation.partnerId],
    subject: { kind: 'elevation', id: elevation.id },
    facts: { cause },
    at: now,
  });
  await decision.nudge('elevation', elevation.id);
}
