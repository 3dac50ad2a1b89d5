import { asSystem, databaseNow, MailDelivery } from '#persistence';
import type { Dependencies } from '../dependencies.ts';
import { composeMail, markSent } from './compose-mail.ts';
import { mailboxHasEnough } from '../failures.ts';
import { returnPlaces, takePlaces } from './mailbox-pace.ts';
import { withHeartbeat } from './with-heartbeat.ts';

/**
 * Sends one planned mail. The Message-ID follows from the delivery, so a second try after a lost answer is the same
 * mail; once it is marked as sent it is never sent again.
 */
export const deliverMail =
  (dependencies: Dependencies) =>
  async ({ deliveryId }: { deliveryId: string }): Promise<void> => {
    const { database, mailSender } = dependencies;
    const paced = await database.transaction(asSystem, async (em) => {
      const delivery = await em.findOneOrFail(MailDelivery, { id: deliveryId });
      const outgoing = await composeMail(em, delivery, dependencies);
      return outgoing && takePlaces(em, [{ outgoing }], dependencies.mailsPerHour);
    });
    if (!paced) return;
    const [mail] = paced.now;
    if (!mail) throw mailboxHasEnough(paced.secondsLeft);

    try {
      await withHeartbeat(() => mailSender.send(mail.outgoing));
    } catch (error) {
      await database.transaction(asSystem, (em) => returnPlaces(em, [mail]));
      throw error;
    }
    await database.transaction(asSystem, async (em) => markSent(em, [deliveryId], await databaseNow(em)));
  };
