import { mayRevokeHelpDeskSession } from '#access';
import type { HelpDeskSession } from '#persistence';
import type { Decision } from '../decision.ts';
import { grantStatusAt } from '../elevation/find.ts';
import { endGrant } from '../grant/end.ts';
import { openSessionToAct, refuseSession } from './find.ts';

/** Any home full administrator of the customer ends anybody's session. */
export async function revokeHelpDeskSession(
  decision: Decision,
  sessionId: string,
  { reason }: { reason?: string | undefined },
): Promise<HelpDeskSession> {
  const { session, grant, actor, now } = await openSessionToAct(decision, sessionId, 'revoked');
  if (grant.status === 'revoked' && grant.endedById === decision.actor.id && decision.actor.id) return session;

  const ruling = mayRevokeHelpDeskSession(actor, { customerId: session.customerId }, now);
  if (!ruling.allowed) return refuseSession(session, 'revoked', ruling.code);
  const status = grantStatusAt(grant, now);
  if (status !== 'active') {
    return refuseSession(session, 'revoked', 'grant_not_active', { state: { status } });
  }
  await endGrant(decision, grant, { status: 'revoked', now, by: ruling.by, reason });
  return session;
}
