import { patched } from '@temporalio/workflow';
import type { MailPlan } from '../activities/index.ts';
import { database, mail } from './activities.ts';

export interface Teller {
  /** One mail to everybody it concerns, each once; what does not go out at once is tried while the workflow goes on. */
  tell: (plan: Omit<MailPlan, 'rowId'>) => Promise<void>;
  /** Resolves when every mail has gone out or was given up: a mail server that is away holds up nothing else. */
  everybodyTold: () => Promise<void>;
}

export function teller(rowId: string): Teller {
  const underWay = new Map<string, Promise<void>>();
  const sendAll = (deliveries: string[]): void => {
    for (const id of deliveries) if (!underWay.has(id)) underWay.set(id, deliver(id));
  };
  // Formerly planning was a step, and every single mail another.
  const atOnce = patched('mails-at-once');
  return {
    async tell(plan) {
      if (!atOnce) return sendAll(await database.planMails({ ...plan, rowId }));
      const { left, refused } = await database.sendMails({ ...plan, rowId });
      sendAll(left);
      for (const id of refused) if (!underWay.has(id)) underWay.set(id, database.giveUpMail({ deliveryId: id }));
    },
    async everybodyTold() {
      await Promise.all(underWay.values());
      // A worker that died after planning took the plan with it, and by then the story may have gone another way.
      if (atOnce || patched('left-mails')) sendAll(await database.findLeftMails({ rowId }));
      await Promise.all(underWay.values());
    },
  };
}

/** Sends a planned mail; what cannot be delivered is written down as that. */
export async function deliver(deliveryId: string): Promise<void> {
  try {
    await mail.deliverMail({ deliveryId });
  } catch {
    await database.giveUpMail({ deliveryId });
  }
}
