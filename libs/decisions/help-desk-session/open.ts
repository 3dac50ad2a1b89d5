import { helpDeskSessionPartners, isHelpDeskRole, knowsOrganization, mayOpenHelpDeskSession } from '#access';
import { policySeconds, Refusal, type OpenHelpDeskSession } from '#contracts';
import { Grant, HelpDeskSession, holdStanding, loadTarget, Organization } from '#persistence';
import type { Decision } from '../decision.ts';
import { endGrant } from '../grant/end.ts';
import { lockRow } from '../lock.ts';
import { hourBefore, requirePaceLeft } from '../pace.ts';
import { refuseAct } from '../refuse-act.ts';
import { choosePartner } from '../require-partner.ts';
import { requirePerson } from '../require-person.ts';
import { toldOfGrant } from '../standing-told.ts';
import { subjectOf } from '../subject-of.ts';

/** Help desk opens a customer for reading: granted at once, with a reason, for the customer's policy of time. */
export async function openHelpDeskSession(decision: Decision, input: OpenHelpDeskSession): Promise<HelpDeskSession> {
  const { em, actor } = decision;
  const holderId = await requirePerson(decision, 'help-desk-session.opened');
  const customer = await em.findOne(Organization, { id: input.customerId });
  if (!customer || customer.kind !== 'customer') throw new Refusal('not_found');
  await holdStanding(em, [holderId], customer.id);
  const now = await decision.now();
  const target = await loadTarget(em, customer.id);
  if (!target) throw new Refusal('not_found');

  const subject = await subjectOf(em, actor);
  const partnerId = input.partnerId ?? choosePartner(subject, helpDeskSessionPartners(subject, target, now));
  const ruling = mayOpenHelpDeskSession(subject, partnerId, target, now);
  if (!ruling.allowed) {
    // A partner the holder does not belong to does not see that it was named.
    const own = subject.memberships.map((membership) => membership.organizationId).filter((id) => id === partnerId);
    return refuseAct(
      {
        action: 'help-desk-session.opened',
        organizationIds: [customer.id, ...own],
        subject: { kind: 'organization', id: customer.id },
        because: ruling.code,
      },
      // As with an elevation: a former customer is no more theirs than one they never had.
      knowsOrganization(subject, target, now) ? ruling.code : 'not_found',
    );
  }
  await closeOverdueOrRefuse(decision, holderId, customer.id, now);
  const lately = { accountId: holderId, customerId: customer.id, createdAt: { $gt: hourBefore(now) } };
  requirePaceLeft(await em.find(HelpDeskSession, lately), decision.settings.asksPerHour, now);

  const session = em.create(HelpDeskSession, {
    customerId: customer.id,
    partnerId,
    accountId: holderId,
    reason: input.reason,
    createdAt: now,
  });
  await em.flush();
  const seconds = policySeconds(customer.policy, 'helpDeskSessionSeconds');
  const grant = em.create(Grant, {
    kind: 'help_desk_session',
    sourceId: session.id,
    organizationId: customer.id,
    partnerId,
    accountId: holderId,
    approvedById: null,
    startsAt: now,
    expiresAt: new Date(now.getTime() + seconds * 1000),
    status: 'active',
  });
  await em.flush();
  decision.record({
    action: 'help-desk-session.opened',
    by: ruling.by,
    organizationIds: [customer.id, partnerId],
    subject: { kind: 'help-desk-session', id: session.id },
    facts: { durationSeconds: seconds, expiresAt: grant.expiresAt },
    standing: { grants: [toldOfGrant(grant, isHelpDeskRole(ruling.by) ? ruling.by : 'help_desk_basic')] },
    personal: { reason: session.reason },
    grantId: grant.id,
    at: now,
  });
  await decision.nudge('helpDeskSession', session.id);
  return session;
}

/** One live session per holder and customer: an overdue one is closed first, a live one refuses the new one. */
async function closeOverdueOrRefuse(
  decision: Decision,
  accountId: string,
  customerId: string,
  now: Date,
): Promise<void> {
  const live = await lockRow(decision.em, Grant, {
    accountId,
    organizationId: customerId,
    kind: 'help_desk_session',
    status: 'active',
  });
  if (!live) return;
  if (live.expiresAt > now) {
    throw new Refusal('session_already_open', {
      state: { id: live.sourceId, status: live.status, expiresAt: live.expiresAt.toISOString() },
    });
  }
  await endGrant(decision, live, { status: 'expired', now });
}
