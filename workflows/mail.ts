import { patched } from '@temporalio/workflow';
import type { MailPlan } from '../activities/index.ts';
import { database, mail } from './activities.ts';

export interface Teller {
  /** Plans one mail to everybody it concerns, each once, and sends them while the workflow goes on. */
  tell: (plan: Omit<MailPlan, 'rowId'>) => Promise<void>;
  /** Resolves when every mail has gone out or was given up: a mail server that is away holds up nothing else. */
  everybodyTold: () => Promise<void>;
}

export function teller(rowId: string): Teller {
  const underWay = new Map<string, Promise<void>>();
  const sendAll = (deliveries: string[]): void => {
    for (const id of deliveries) if (!underWay.has(id)) underWay.set(id, deliver(id));
  };
  return {
    async tell(plan) {
      sendAll(await database.planMails({ ...plan, rowId }));
    },
    async everybodyTold() {
      await Promise.all(underWay.values());
      // A worker that died after planning took the plan with it, and by then the story may have gone another way.
      if (patched('left-mails')) sendAll(await database.findLeftMails({ rowId }));
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
