import { asSystem, databaseNow, MailDelivery } from '#persistence';
import type { Dependencies } from '../dependencies.ts';
import { composeMail, markSent } from './compose-mail.ts';
import { withHeartbeat } from './with-heartbeat.ts';

/**
 * Sends one planned mail. The Message-ID follows from the delivery, so a second try after a lost answer is the same
 * mail; once it is marked as sent it is never sent again.
 */
export const deliverMail =
  (dependencies: Dependencies) =>
  async ({ deliveryId }: { deliveryId: string }): Promise<void> => {
    const { database, mailSender } = dependencies;
    const outgoing = await database.transaction(asSystem, async (em) =>
      composeMail(em, await em.findOneOrFail(MailDelivery, { id: deliveryId }), dependencies),
    );
    if (!outgoing) return;

    await withHeartbeat(() => mailSender.send(outgoing));
    await database.transaction(asSystem, async (em) => markSent(em, [deliveryId], await databaseNow(em)));
  };
