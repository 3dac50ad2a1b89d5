import { maySeeElevation } from '#access';
import { Refusal } from '#contracts';
import type { HelpDeskSession } from '#persistence';
import type { Decision } from '../decision.ts';
import { resendLostMails } from '../mail-delivery/resend-lost.ts';
import { openSession, partiesOfSession } from './find.ts';

/** Has the lost mails about a session tried again; whoever sees the session may. */
export async function resendHelpDeskSessionMails(decision: Decision, sessionId: string): Promise<HelpDeskSession> {
  const { session, actor, now } = await openSession(decision, sessionId);
  if (!maySeeElevation(actor, partiesOfSession(session), now).allowed) throw new Refusal('not_found');
  const mails = await resendLostMails(decision, { rowId: session.id });
  if (mails === 0) return session;
  decision.record({
    action: 'help-desk-session.mails-resent',
    organizationIds: [session.customerId, session.partnerId],
    subject: { kind: 'help-desk-session', id: session.id },
    facts: { mails },
    at: now,
  });
  return session;
}
