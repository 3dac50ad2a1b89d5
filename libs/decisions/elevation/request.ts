import {
  elevationPartners,
  knowsOrganization,
  mayRequestElevation,
  type Subject,
  type TargetOrganization,
} from '#access';
import { policySeconds, Refusal, type CreateElevation } from '#contracts';
import { Elevation, holdStanding, loadTarget, Organization } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { refuseNobody } from '../person-required.ts';
import { refuseAct } from '../refuse-act.ts';
import { requirePartner } from '../require-partner.ts';
import { subjectOf } from '../subject-of.ts';
import { eligibleApprovers } from './approvers.ts';
import { expireRequest } from './expire.ts';

/** Seconds an agent gets who names no duration, where the policy allows as much. */
const usualGrantSeconds = 3600;

/** A help-desk agent asks a customer's administrators for full access. */
export async function requestElevation(decision: Decision, input: CreateElevation): Promise<Elevation> {
  const { em, actor } = decision;
  if (actor.kind !== 'account' || !actor.id) return refuseNobody(decision, 'elevation.requested');
  const customer = await em.findOne(Organization, { id: input.customerId });
  if (!customer || customer.kind !== 'customer') throw new Refusal('not_found');
  await holdStanding(em, [actor.id], customer.id);
  const now = await decision.now();
  const target = await loadTarget(em, customer.id);
  if (!target) throw new Refusal('not_found');

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

  const subject = await subjectOf(em, actor);
  const partnerId = input.partnerId ?? choosePartner(subject, target, now);
  const ruling = mayRequestElevation(subject, partnerId, target, now);
  if (!ruling.allowed) {
    // An old request keeps a former customer readable, but it is no more theirs than one they never had.
    const code = knowsOrganization(subject, target, now) ? ruling.code : 'not_found';
    return refuse(code, organizationsOf(subject, partnerId), ruling.code);
  }

  const maximumSeconds = policySeconds(customer.policy, 'elevationMaxSeconds');
  if (input.durationSeconds !== undefined && input.durationSeconds > maximumSeconds) {
    throw new Refusal('duration_above_policy', {
      maximumSeconds,
      errors: [{ pointer: '/durationSeconds', message: `at most ${maximumSeconds}` }],
    });
  }
  const parties = { requesterAccountId: actor.id, partnerId, customerId: customer.id };
  const approvers = await eligibleApprovers(em, parties, now);
  if (approvers.length === 0) return refuse('no_eligible_approver', [partnerId]);

  await closeOverdueOrRefuse(decision, actor.id, customer.id, now);

  const elevation = em.create(Elevation, {
    customerId: customer.id,
    partnerId,
    requesterId: actor.id,
    reason: input.reason,
    ticket: input.ticket ?? null,
    durationSeconds: input.durationSeconds ?? Math.min(usualGrantSeconds, maximumSeconds),
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
    facts: { durationSeconds: elevation.durationSeconds, decideBy: elevation.decideBy, approvers: approvers.length },
    personal: { reason: elevation.reason },
    at: now,
  });
  await decision.nudge('elevation', elevation.id);
  return elevation;
}

function choosePartner(subject: Subject, target: TargetOrganization, now: Date): string {
  const partners = elevationPartners(subject, target, now);
  if (partners.length > 1) requirePartner(partners);
  const home = subject.memberships.find(
    (membership) => membership.kind === 'home' && membership.organizationKind === 'partner',
  );
  return partners[0] ?? home?.organizationId ?? '';
}

/** The agent's own organizations see that it was refused; a partner they do not belong to does not. */
function organizationsOf(subject: Subject, partnerId: string): string[] {
  return subject.memberships.map((membership) => membership.organizationId).filter((id) => id === partnerId);
}

/** One open request per agent and customer: an overdue one is closed first, an open one refuses the new one. */
async function closeOverdueOrRefuse(
  decision: Decision,
  requesterId: string,
  customerId: string,
  now: Date,
): Promise<void> {
  const open = await lockRow(decision.em, Elevation, { requesterId, customerId, status: 'pending' });
  if (!open) return;
  if (open.decideBy > now) throw new Refusal('elevation_already_open', { state: { id: open.id, status: open.status } });
  await expireRequest(decision, open, now);
}
