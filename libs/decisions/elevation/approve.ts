import { grantSeconds, isEligibleElevationApprover, mayRequestElevation } from '#access';
import { policySeconds, Refusal } from '#contracts';
import { Grant, loadSubject, loadTarget, Organization, type Elevation } from '#persistence';
import type { Decision } from '../decision.ts';
import { endGrant } from '../grant/end.ts';
import { lockRow } from '../lock.ts';
import { elevationStatusAt, openCaseToAct, refuseApprover, refuseElevation, type ElevationCase } from './find.ts';
import { settledElsewhere } from './settled.ts';

/**
 * An administrator of the customer approves: the grant runs from this moment. A grant the agent still has for this
 * customer is superseded in the same transaction, so time never adds up.
 */
export async function approveElevation(
  decision: Decision,
  elevationId: string,
  { durationSeconds }: { durationSeconds?: number | undefined },
): Promise<Elevation> {
  const { em, actor } = decision;
  const opened = await openCaseToAct(decision, elevationId, 'approved');
  const { elevation, parties, now } = opened;
  const customer = await em.findOneOrFail(Organization, { id: elevation.customerId });
  const policyMaximum = policySeconds(customer.policy, 'elevationMaxSeconds');
  if (settledElsewhere(opened, 'approved', actor) && gaveAsMuch(opened, durationSeconds, policyMaximum))
    return elevation;

  if (actor.kind === 'support') refuseElevation(elevation, 'approved', 'support_never_approves');
  if (actor.kind !== 'account') refuseElevation(elevation, 'approved', 'person_required');
  const ruling = isEligibleElevationApprover(opened.actor, parties, now);
  if (!ruling.allowed) return refuseApprover(opened, 'approved', ruling.code);
  const status = elevationStatusAt(elevation, now);
  if (status !== 'pending')
    return refuseElevation(elevation, 'approved', 'elevation_not_pending', { state: { status } });

  const target = await loadTarget(em, elevation.customerId);
  const requester = await loadSubject(em, elevation.requesterId);
  const entitlement = target && mayRequestElevation(requester, elevation.partnerId, target, now);
  if (!entitlement?.allowed) return refuseElevation(elevation, 'approved', 'requester_not_entitled');

  if (durationSeconds !== undefined && durationSeconds > Math.min(policyMaximum, elevation.durationSeconds)) {
    const maximumSeconds = Math.min(policyMaximum, elevation.durationSeconds);
    throw new Refusal('duration_above_policy', {
      maximumSeconds,
      errors: [{ pointer: '/durationSeconds', message: `at most ${maximumSeconds}, which is what was asked for` }],
    });
  }

  const former = await lockRow(em, Grant, {
    accountId: elevation.requesterId,
    organizationId: elevation.customerId,
    kind: 'elevation',
    status: 'active',
  });
  if (former) await endGrant(decision, former, { status: former.expiresAt <= now ? 'expired' : 'superseded', now });

  elevation.status = 'approved';
  elevation.decidedAt = now;
  elevation.decidedById = actor.id;
  const seconds = grantSeconds({
    requested: elevation.durationSeconds,
    approved: durationSeconds ?? null,
    policyMaximum,
  });
  const grant = em.create(Grant, {
    kind: 'elevation',
    sourceId: elevation.id,
    organizationId: elevation.customerId,
    partnerId: elevation.partnerId,
    accountId: elevation.requesterId,
    approvedById: actor.id,
    startsAt: now,
    expiresAt: new Date(now.getTime() + seconds * 1000),
    status: 'active',
  });
  await em.flush();
  decision.record({
    action: 'elevation.approved',
    by: ruling.by,
    organizationIds: [elevation.customerId, elevation.partnerId],
    subject: { kind: 'elevation', id: elevation.id },
    facts: { durationSeconds: seconds, expiresAt: grant.expiresAt, ...(former && { supersedes: former.id }) },
    grantId: grant.id,
    at: now,
  });
  await decision.nudge('elevation', elevation.id);
  return elevation;
}

/** Whether the grant lasts as long as this approval would have made it. */
function gaveAsMuch({ elevation, grant }: ElevationCase, durationSeconds: number | undefined, policyMaximum: number) {
  const wanted = grantSeconds({
    requested: elevation.durationSeconds,
    approved: durationSeconds ?? null,
    policyMaximum,
  });
  return grant !== null && grant.expiresAt.getTime() - grant.startsAt.getTime() === wanted * 1000;
}
