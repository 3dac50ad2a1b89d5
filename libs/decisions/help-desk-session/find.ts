import { isSupport, maySeeElevation, type ElevationParties, type Subject } from '#access';
import { Refusal, type RefusalDetails } from '#contracts';
import { Grant, HelpDeskSession, holdStanding } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { refuseAct } from '../refuse-act.ts';
import { subjectOf } from '../subject-of.ts';

/** A session locked for a decision, with all that the rules look at, read under the locks. */
export interface HelpDeskSessionCase {
  session: HelpDeskSession;
  grant: Grant;
  /** The person who decides. */
  actor: Subject;
  now: Date;
}

export const partiesOfSession = ({ accountId, partnerId, customerId }: HelpDeskSession): ElevationParties => ({
  requesterAccountId: accountId,
  partnerId,
  customerId,
});

/** Locks in the one order there is; 404 where the row is absent or another tenant's. */
export async function openSession({ em, actor, now }: Decision, sessionId: string): Promise<HelpDeskSessionCase> {
  const seen = await em.findOne(HelpDeskSession, { id: sessionId });
  if (!seen) throw new Refusal('not_found');
  await holdStanding(em, [seen.accountId, ...(actor.id ? [actor.id] : [])], seen.customerId);
  const session = await lockRow(em, HelpDeskSession, { id: sessionId });
  const grant = await lockRow(em, Grant, { sourceId: sessionId });
  if (!session || !grant) throw new Refusal('not_found');
  return { session, grant, actor: await subjectOf(em, actor), now: await now() };
}

/** As `openSession`, for an act: who may not see the session is answered as if there were none, and goes on record. */
export async function openSessionToAct(
  decision: Decision,
  sessionId: string,
  verb: string,
): Promise<HelpDeskSessionCase> {
  const opened = await openSession(decision, sessionId);
  const sight = maySeeElevation(opened.actor, partiesOfSession(opened.session), opened.now);
  if (sight.allowed || isSupport(opened.actor, opened.now)) return opened;
  return refuseSession(opened.session, verb, 'not_found', {}, sight.code);
}

/** Refuses what the actor tried with this session; both sides see it on record. */
export function refuseSession(
  session: HelpDeskSession,
  verb: string,
  code: string,
  details: RefusalDetails = {},
  because?: string,
): never {
  return refuseAct(
    {
      action: `help-desk-session.${verb}`,
      organizationIds: [session.customerId, session.partnerId],
      subject: { kind: 'help-desk-session', id: session.id },
      because,
    },
    code,
    details,
  );
}
