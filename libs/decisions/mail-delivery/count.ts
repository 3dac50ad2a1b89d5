import type { Notifications } from '#contracts';
import { MailDelivery, type EntityManager } from '#persistence';
import { inSight, type MailSight } from './sight.ts';

/** How far the mails about a row have come; what became pointless before it was sent is not counted. */
export async function countMails(em: EntityManager, sight: MailSight): Promise<Notifications> {
  const counts = await em.countBy(MailDelivery, 'status', { where: inSight(sight) });
  return { planned: counts['planned'] ?? 0, sent: counts['sent'] ?? 0, undeliverable: counts['undeliverable'] ?? 0 };
}
