import { MailDelivery } from '#persistence';
import type { Decision } from '../decision.ts';
import { inSight, type MailSight } from './sight.ts';

/**
 * Has the mails about a row that could not be delivered tried again, and returns how many there were. Nobody gets a mail
 * they were not to get anyway, and none that has arrived goes out a second time.
 */
export async function resendLostMails(decision: Decision, sight: MailSight): Promise<number> {
  const lost = await decision.em.find(
    MailDelivery,
    { $and: [inSight(sight), { status: 'undeliverable' }] },
    { orderBy: { id: 'asc' } },
  );
  for (const { id } of lost) await decision.nudge('mailDelivery', id);
  return lost.length;
}
