import type { MailKind } from '#mail';
import { asSystem, MailDelivery, type EntityManager } from '#persistence';
import type { Dependencies } from '../dependencies.ts';
import { concernOf } from './concerns.ts';

export interface MailPlan {
  kind: MailKind;
  /** The row the mail is about. */
  rowId: string;
  /** A wanted second mail of the same kind is another edition; default 1. */
  edition?: number;
}

/** Writes down who gets the mail, each person once, and returns the deliveries that are still to be made. */
export const planMails =
  ({ database }: Dependencies) =>
  async (plan: MailPlan): Promise<string[]> =>
    database.transaction(asSystem, async (em) => (await plannedMails(em, plan)).map(({ id }) => id));

/** As `planMails`, in a transaction of the caller. */
export async function plannedMails(em: EntityManager, { kind, rowId, edition = 1 }: MailPlan): Promise<MailDelivery[]> {
  const planned = await em.find(MailDelivery, { kind, rowId, edition });
  const { recipients, organizationIds } = await concernOf(kind).recipients(em, rowId);
  for (const { accountId, address } of recipients) {
    const recipientKey = accountId ?? address;
    if (planned.some((delivery) => delivery.recipientKey === recipientKey)) continue;
    planned.push(
      em.create(MailDelivery, {
        kind,
        rowId,
        edition,
        accountId,
        address,
        recipientKey,
        organizationIds,
        status: 'planned',
      }),
    );
  }
  await em.flush();
  return planned.filter((delivery) => delivery.status === 'planned');
}
