import { messageIdFor, renderMail, type MailKind, type RenderedMail } from '#mail';
import { Account, asSystem, databaseNow, MailDelivery } from '#persistence';
import type { Dependencies } from '../dependencies.ts';
import { concernOf } from './concerns.ts';
import { withHeartbeat } from './with-heartbeat.ts';

/**
 * Sends one planned mail. The Message-ID follows from the delivery, so a second try after a lost answer is the same
 * mail; once it is marked as sent it is never sent again.
 */
export const deliverMail =
  (dependencies: Dependencies) =>
  async ({ deliveryId }: { deliveryId: string }): Promise<void> => {
    const { database, mailSender, mailDomain } = dependencies;
    const outgoing = await database.transaction(asSystem, async (em) => {
      const delivery = await em.findOneOrFail(MailDelivery, { id: deliveryId });
      if (delivery.status !== 'planned') return null;
      const kind = delivery.kind as MailKind;
      const variables = await concernOf(kind).variables(em, delivery, dependencies);
      const to = delivery.accountId
        ? ((await em.findOne(Account, { id: delivery.accountId, removedAt: null }))?.email ?? null)
        : delivery.address;
      if (!variables || !to) {
        delivery.status = 'obsolete';
        return null;
      }
      const messageId = messageIdFor(
        { kind, rowId: delivery.rowId, accountOrAddressKey: delivery.recipientKey, version: delivery.edition },
        mailDomain,
      );
      const rendered: RenderedMail = renderMail(kind, variables);
      return { to, kind, messageId, ...rendered };
    });
    if (!outgoing) return;

    await withHeartbeat(() => mailSender.send(outgoing));
    await database.transaction(asSystem, async (em) => {
      await em.nativeUpdate(MailDelivery, { id: deliveryId }, { status: 'sent', sentAt: await databaseNow(em) });
    });
  };
