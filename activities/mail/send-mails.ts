import { MailUndeliverableError } from '#mail';
import { asSystem, databaseNow } from '#persistence';
import type { Dependencies } from '../dependencies.ts';
import { composeMail, markSent, renderOnce } from './compose-mail.ts';
import { plannedMails, type MailPlan } from './plan-mails.ts';

/** Deliveries that were planned and have not gone out. */
export interface UnsentMails {
  /** To be tried again, each by itself and with patience. */
  left: string[];
  /** Refused for good. */
  refused: string[];
}

/** A mail server in health takes milliseconds; the workflow waits no longer for one that is not. */
const patienceMilliseconds = 3_000;
/** So long after it tried our patience the server is left to the tries of single mails. */
const restMilliseconds = 30_000;

/**
 * Plans one mail to everybody it concerns and sends them at once, side by side and rendered once: one step of the
 * workflow instead of one for each person. What does not go out at the first try is returned.
 */
export const sendMails = (dependencies: Dependencies) => {
  let restsUntil = 0;
  return async (plan: MailPlan): Promise<UnsentMails> => {
    const { database, mailSender } = dependencies;
    const render = renderOnce();
    const mails = await database.transaction(asSystem, async (em) => {
      const composed = [];
      for (const delivery of await plannedMails(em, plan)) {
        const outgoing = await composeMail(em, delivery, dependencies, render);
        if (outgoing) composed.push({ id: delivery.id, outgoing });
      }
      return composed;
    });
    if (mails.length === 0) return { left: [], refused: [] };
    if (performance.now() < restsUntil) return { left: mails.map(({ id }) => id), refused: [] };

    const begin = performance.now();
    const results = await Promise.allSettled(
      mails.map(({ outgoing }) => mailSender.send(outgoing, { withinMilliseconds: patienceMilliseconds })),
    );
    if (performance.now() - begin >= patienceMilliseconds) restsUntil = performance.now() + restMilliseconds;
    const idsWhere = (holds: (result: PromiseSettledResult<void>) => boolean) =>
      mails.flatMap(({ id }, index) => {
        const result = results[index];
        return result && holds(result) ? [id] : [];
      });
    const sent = idsWhere(({ status }) => status === 'fulfilled');
    const refused = idsWhere((one) => one.status === 'rejected' && one.reason instanceof MailUndeliverableError);
    if (sent.length > 0) await database.transaction(asSystem, async (em) => markSent(em, sent, await databaseNow(em)));
    return { left: idsWhere(({ status }) => status === 'rejected').filter((id) => !refused.includes(id)), refused };
  };
};
