import type { Decision } from '../decision.ts';
import { resendLostMails } from '../mail-delivery/resend-lost.ts';
import type { Precondition } from '../precondition.ts';
import type { CaseFlow } from './flow.ts';
import { actOn } from './open.ts';

/** Has the lost mails about a case tried again, those the actor knows of; whoever sees the case may. */
export async function resendMails<Row extends { id: string }>(
  decision: Decision,
  flow: CaseFlow<Row>,
  id: string,
  precondition?: Precondition,
): Promise<Row> {
  const verb = 'mails-resent';
  return actOn(decision, flow, id, {
    verb,
    right: ({ actor, parties, now }) => {
      const sight = flow.maySee(actor, parties, now);
      return sight.allowed ? sight : { allowed: false, code: 'not_found' };
    },
    isDone: () => false,
    precondition,
    async change({ row, actor, now }) {
      const mails = await resendLostMails(decision, flow.mailSight(row, actor, now));
      if (mails > 0) await flow.record(decision, row, { verb, facts: { mails }, at: now, viewer: actor });
    },
  });
}
