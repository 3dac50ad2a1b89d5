import { mayEndSessions } from '#access';
import type { Decision } from '../decision.ts';
import { openMember } from '../membership/open-member.ts';
import { refuseAct } from '../refuse-act.ts';
import { endSessionsAt } from './end-sessions-at.ts';

/**
 * An administrator signs a member out: no session that is open now opens this organization any more. Where the person
 * belongs to others, they stay signed in there; to come back they sign in anew.
 */
export async function endMemberSessions(decision: Decision, organizationId: string, memberId: string): Promise<void> {
  const { em } = decision;
  const act = {
    action: 'session.ended',
    organizationIds: [organizationId],
    subject: { kind: 'membership', id: memberId },
  };
  const { member, membership, subject, target, now } = await openMember(decision, organizationId, memberId, act.action);
  const ruling = mayEndSessions(subject, target, member, now);
  if (!ruling.allowed) return refuseAct(act, ruling.code);
  membership.sessionsEndedAt = now;
  await endSessionsAt(em, { accountId: membership.accountId, organizationId, now, whereOnlyOne: true });
  decision.record({
    ...act,
    by: ruling.by,
    facts: { accountId: membership.accountId, cause: 'ended_by_administrator' },
    at: now,
  });
}
