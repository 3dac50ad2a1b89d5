import { asSystem, MailDelivery } from '#persistence';
import type { Dependencies } from '../dependencies.ts';

/** The deliveries of the row that are planned and neither sent nor given up nor pointless. */
export const findLeftMails =
  ({ database }: Dependencies) =>
  async ({ rowId }: { rowId: string }): Promise<string[]> =>
    database.transaction(asSystem, async (em) => {
      const left = await em.find(MailDelivery, { rowId, status: 'planned' }, { orderBy: { id: 'asc' } });
      return left.map(({ id }) => id);
    });
