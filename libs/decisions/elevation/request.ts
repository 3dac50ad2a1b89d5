import { elevationPartners, knowsOrganization, mayAskForAreas, mayRequestElevation, type Subject } from '#access';
import { policySeconds, Refusal, type CreateElevation } from '#contracts';
import { Elevation, holdStanding, loadStanding } from '#persistence';
import { approversIn } from '../approval/approvers.ts';
import { closeOverdueOrRefuse } from '../approval/expire.ts';
import type { Decision } from '../decision.ts';
import { requirePerson } from '../require-person.ts';
import { refuseAct } from '../refuse-act.ts';
import { choosePartner } from '../require-partner.ts';
import { subjectFrom } from '../subject-of.ts';
import { refusedAreas } from './areas.ts';
import { elevationFlow } from './flow.ts';

/** Seconds a requester gets who names no duration, where the policy allows as much. */
const usualGrantSeconds = 3600;

/** A help-desk agent asks a customer's administrators for full access. */
export async function requestElevation(decision: Decision, input: CreateElevation): Promise<Elevation> {
  const { em, actor } = decision;
  const requesterId = await requirePerson(decision, 'elevation.requested');
  await holdStanding(em, [requesterId], input.customerId);
  const standing = await loadStanding(em, {
    subjectIds: [requesterId],
    organizationIds: [input.customerId],
    administratorsOf: input.customerId,
  });
  const { now } = standing;
  const customer = standing.organizations.get(input.customerId);
  if (customer?.kind !== 'customer') throw new Refusal('not_found');

  const refuse = (code: string, organizationIds: string[], because?: string): never =>
    refuseAct(
      {
        action: 'elevation.requested',
        organizationIds: [customer.id, ...organizationIds],
        subject: { kind: 'organization', id: customer.id },
        because,
      },
      code,
    );

  const subject = subjectFrom(standing, actor);
  decision.seenBy = { actor: subject, now, deciders: standing };
  const partnerId = input.partnerId ?? choosePartner(subject, elevationPartners(subject, customer, now));
  const ruling = mayRequestElevation(subject, partnerId, customer, now);
  if (!ruling.allowed) {
    // An old request keeps a former customer readable, but it is no more theirs than one they never had.
    const code = knowsOrganization(subject, customer, now) ? ruling.code : 'not_found';
    return refuse(code, organizationsOf(subject, partnerId), ruling.code);
  }

  const maximumSeconds = policySeconds(customer.policy, 'elevationMaxSeconds');
  if (input.durationSeconds !== undefined && input.durationSeconds > maximumSeconds) {
    throw new Refusal('duration_above_policy', {
      maximumSeconds,
      errors: [{ pointer: '/durationSeconds', message: `at most ${maximumSeconds}` }],
    });
  }
  if (input.areas) {
    const asked = mayAskForAreas(input.areas, customer, now);
    if (!asked.allowed) throw refusedAreas(asked);
  }
  const parties = { requesterId, partnerId, organizationId: customer.id };
  const approvers = approversIn(standing, elevationFlow, parties, now);
  if (approvers.length === 0) return refuse('no_eligible_approver', [partnerId]);

  const pair = { requesterId, customerId: customer.id };
  await closeOverdueOrRefuse(decision, elevationFlow, { open: pair, byTheSame: pair }, now);

  const elevation = em.create(Elevation, {
    customerId: customer.id,
    partnerId,
    requesterId,
    reason: input.reason,
    ticket: input.ticket ?? null,
    durationSeconds: input.durationSeconds ?? Math.min(usualGrantSeconds, maximumSeconds),
    areas: input.areas ?? null,
    status: 'pending',
    createdAt: now,
    decideBy: new Date(now.getTime() + policySeconds(customer.policy, 'elevationPendingSeconds') * 1000),
  });
  await em.flush();
  decision.record({
    action: 'elevation.requested',
    by: ruling.by,
    organizationIds: [customer.id, partnerId],
    subject: { kind: 'elevation', id: elevation.id },
    facts: {
      durationSeconds: elevation.durationSeconds,
      ...(input.areas && { areas: input.areas }),
      decideBy: elevation.decideBy,
      approvers: approvers.length,
    },
    personal: { reason: elevation.reason },
    at: now,
  });
  await decision.nudge('elevation', elevation.id);
  return elevation;
}

/** The requester's own organizations see that it was refused; a partner they do not belong to does not. */
function organizationsOf(subject: Subject, partnerId: string): string[] {
  return subject.memberships.map((membership) => membership.organizationId).filter((id) => id === partnerId);
}
