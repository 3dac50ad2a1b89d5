import { maySeeElevation } from '#access';
import { Refusal } from '#contracts';
import { MailDelivery, type Elevation } from '#persistence';
import type { Decision } from '../decision.ts';
import { openCase } from './find.ts';

/**
 * Has the mails about an elevation that could not be delivered tried again. Whoever sees the elevation may: nobody gets
 * a mail they were not to get anyway, and none that has arrived goes out a second time.
 */
export async function resendElevationMails(decision: Decision, elevationId: string): Promise<Elevation> {
  const { elevation, actor, parties, now } = await openCase(decision, elevationId);
  if (!maySeeElevation(actor, parties, now).allowed) throw new Refusal('not_found');
  const lost = await decision.em.find(
    MailDelivery,
    { rowId: elevation.id, status: 'undeliverable' },
    { orderBy: { id: 'asc' } },
  );
  if (lost.length === 0) return elevation;
  for (const { id } of lost) await decision.nudge('mailDelivery', id);
  decision.record({
    action: 'elevation.mails-resent',
    organizationIds: [elevation.customerId, elevation.partnerId],
    subject: { kind: 'elevation', id: elevation.id },
    facts: { mails: lost.length },
    at: now,
  });
  return elevation;
}
