import { maySeeElevation } from '#access';
import { Refusal } from '#contracts';
import type { Elevation } from '#persistence';
import type { Decision } from '../decision.ts';
import { resendLostMails } from '../mail-delivery/resend-lost.ts';
import { openCase } from './find.ts';

/** Has the lost mails about an elevation tried again; whoever sees the elevation may. */
export async function resendElevationMails(decision: Decision, elevationId: string): Promise<Elevation> {
  const { elevation, actor, parties, now } = await openCase(decision, elevationId);
  if (!maySeeElevation(actor, parties, now).allowed) throw new Refusal('not_found');
  const mails = await resendLostMails(decision, { rowId: elevation.id });
  if (mails === 0) return elevation;
  decision.record({
    action: 'elevation.mails-resent',
    organizationIds: [elevation.customerId, elevation.partnerId],
    subject: { kind: 'elevation', id: elevation.id },
    facts: { mails },
    at: now,
  });
  return elevation;
}
