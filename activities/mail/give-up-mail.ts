import { workflowId } from '#contracts';
import { failInvite, theClock } from '#decisions';
import { asSystem, MailDelivery } from '#persistence';
import type { Dependencies } from '../dependencies.ts';

const failure = 'undeliverable';

/** Writes down that a mail can't be delivered. An invite none of whose mails went out has failed until it is resent. */
export const giveUpMail =
  ({ database, decisions }: Dependencies) =>
  async ({ deliveryId }: { deliveryId: string }): Promise<void> => {
    const failedInvite = await database.transaction(asSystem, async (em) => {
      const delivery = await em.findOneOrFail(MailDelivery, { id: deliveryId });
      if (delivery.status === 'planned') {
        delivery.status = 'undeliverable';
        delivery.failure = failure;
        await em.flush();
      }
      if (!delivery.kind.startsWith('invite.')) return null;
      const arrived = await em.count(MailDelivery, {
        rowId: delivery.rowId,
        edition: delivery.edition,
        recipientKey: delivery.recipientKey,
        status: { $in: ['sent', 'planned'] },
      });
      return arrived === 0 ? { inviteId: delivery.rowId, linkVersion: delivery.edition } : null;
    });
    if (!failedInvite) return;
    await decisions.decide(theClock(workflowId('invite', failedInvite.inviteId)), (decision) =>
      failInvite(decision, failedInvite.inviteId, failedInvite.linkVersion, failure),
    );
  };
