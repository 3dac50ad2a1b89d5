import { mayReturnHelpDeskSession } from '#access';
import type { HelpDeskSession } from '#persistence';
import type { Decision } from '../decision.ts';
import { grantStatusAt } from '../elevation/find.ts';
import { endGrant } from '../grant/end.ts';
import { openSessionToAct, refuseSession } from './find.ts';

/** The agent closes the session before its time. */
export async function returnHelpDeskSession(decision: Decision, sessionId: string): Promise<HelpDeskSession> {
  const { session, grant, actor, now } = await openSessionToAct(decision, sessionId, 'returned');
  if (grant.status === 'returned' && grant.endedById === decision.actor.id && decision.actor.id) return session;

  const ruling = mayReturnHelpDeskSession(actor, { holderAccountId: session.accountId });
  if (!ruling.allowed) return refuseSession(session, 'returned', ruling.code);
  const status = grantStatusAt(grant, now);
  if (status !== 'active') {
    return refuseSession(session, 'returned', 'grant_not_active', { state: { status } });
  }
  await endGrant(decision, grant, { status: 'returned', now, by: ruling.by });
  return session;
}
