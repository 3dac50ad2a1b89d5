import { asSystem, MailDelivery } from '#persistence';
import type { Dependencies } from '../dependencies.ts';

/** Plans a mail again that was given up. */
export const reopenMail =
  ({ database }: Dependencies) =>
  async ({ deliveryId }: { deliveryId: string }): Promise<void> => {
    await database.transaction(asSystem, async (em) => {
      await em.nativeUpdate(
        MailDelivery,
        { id: deliveryId, status: 'undeliverable' },
        { status: 'planned', failure: null },
      );
    });
  };
