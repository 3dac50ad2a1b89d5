import { LockMode } from '@mikro-orm/postgresql';
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
      // The mail about a failed invite says nothing about whether the invite arrived.
      if (!delivery.kind.startsWith('invite.') || delivery.kind === 'invite.failed') return null;
      const { rowId, edition } = delivery;
      // Locked, so that of two mails given up at the same moment one sees the other.
      const mails = await em.find(
        MailDelivery,
        { rowId, edition, kind: { $ne: 'invite.failed' } },
        { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' }, refresh: true },
      );
      const mayArrive = mails.some(({ status }) => status === 'sent' || status === 'planned');
      return mayArrive ? null : { inviteId: rowId, linkVersion: edition };
    });
    if (!failedInvite) return;
    // The invite's workflow sleeps while its mails are under way, so it is nudged as if somebody else had done this.
    await decisions.decide(theClock(), (decision) =>
      failInvite(decision, failedInvite.inviteId, failedInvite.linkVersion, failure),
    );
  };
