import { MailUndeliverableError, type OutgoingMail } from '#mail';
import { asSystem, databaseNow } from '#persistence';
import type { Dependencies } from '../dependencies.ts';
import { composeMail, markSent, renderOnce } from './compose-mail.ts';
import { returnPlaces, takePlaces } from './mailbox-pace.ts';
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
    const rests = performance.now() < restsUntil;
    const { mails, later } = await database.transaction(asSystem, async (em) => {
      const composed: { id: string; outgoing: OutgoingMail }[] = [];
      for (const delivery of await plannedMails(em, plan)) {
        const outgoing = await composeMail(em, delivery, dependencies, render);
        if (outgoing) composed.push({ id: delivery.id, outgoing });
      }
      if (rests) return { mails: [], later: composed };
      const paced = await takePlaces(em, composed, dependencies.mailsPerHour);
      return { mails: paced.now, later: paced.later };
    });
    const waiting = later.map(({ id }) => id);
    if (mails.length === 0) return { left: waiting, refused: [] };

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
    const unsent = mails.filter(({ id }) => !sent.includes(id));
    await database.transaction(asSystem, async (em) => {
      if (sent.length > 0) await markSent(em, sent, await databaseNow(em));
      await returnPlaces(em, unsent);
    });
    return { left: [...waiting, ...unsent.map(({ id }) => id).filter((id) => !refused.includes(id))], refused };
  };
};
