import type { MailPlan } from '../activities/index.ts';
import { database, mail } from './activities.ts';

export interface Teller {
  /** Plans one mail to everybody it concerns, each once, and sends them while the workflow goes on. */
  tell: (plan: MailPlan) => Promise<void>;
  /** Resolves when every mail has gone out or was given up: a mail server that is away holds up nothing else. */
  everybodyTold: () => Promise<void>;
}

export function teller(): Teller {
  const underWay: Promise<void>[] = [];
  return {
    async tell(plan) {
      const deliveries = await database.planMails(plan);
      underWay.push(...deliveries.map(deliver));
    },
    async everybodyTold() {
      await Promise.all(underWay);
    },
  };
}

async function deliver(deliveryId: string): Promise<void> {
  try {
    await mail.deliverMail({ deliveryId });
  } catch {
    await database.giveUpMail({ deliveryId });
  }
}
