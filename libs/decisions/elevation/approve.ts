import { isDeepStrictEqual } from 'node:util';
import { grantSeconds, mayGrantAreas, type Area, type TemporaryAccess } from '#access';
import { policySeconds, Refusal } from '#contracts';
import { Grant, Organization, subjectIn, type Elevation, type EntityManager, type Standing } from '#persistence';
import type { Approval } from '../approval/flow.ts';
import type { Decision } from '../decision.ts';
import { endGrant } from '../grant/end.ts';
import { lockRow } from '../lock.ts';
import { refusedAreas } from './areas.ts';
import { areasInWhole } from '../grant/view.ts';
import { toldOfGrant } from '../standing-told.ts';

export interface ElevationTerms {
  /** Less than what was asked for; without it, as much. */
  durationSeconds?: number | undefined;
  /** Some of what was asked for; without it, all of that. */
  areas?: Area[] | undefined;
}

/**
 * The grant runs from the moment of the approval. A grant the requester still has for this customer is superseded in
 * the same transaction, so time never adds up.
 */
export async function approveElevation(
  decision: Decision,
  { row: elevation, by, standing, now }: Approval<Elevation>,
  { durationSeconds, areas }: ElevationTerms,
): Promise<void> {
  const { em, actor } = decision;
  const { policy = {} } = standing.organizations.get(elevation.customerId) ?? {};
  const policyMaximum = policySeconds(policy, 'elevationMaxSeconds');
  const maximumSeconds = Math.min(policyMaximum, elevation.durationSeconds);
  if (durationSeconds !== undefined && durationSeconds > maximumSeconds) {
    throw new Refusal('duration_above_policy', {
      maximumSeconds,
      errors: [{ pointer: '/durationSeconds', message: `at most ${maximumSeconds}, which is what was asked for` }],
    });
  }

  if (areas) {
    const ruling = mayGrantAreas(areas, elevation.areas ?? null);
    if (!ruling.allowed) throw refusedAreas(ruling);
  }

  const former = await lockFormer(em, elevation, standing);
  if (former) await endGrant(decision, former, { status: former.expiresAt <= now ? 'expired' : 'superseded', now });

  const seconds = secondsOf(elevation, durationSeconds, policyMaximum);
  const grant = em.create(Grant, {
    kind: 'elevation',
    sourceId: elevation.id,
    organizationId: elevation.customerId,
    partnerId: elevation.partnerId,
    accountId: elevation.requesterId,
    approvedById: actor.id,
    areas: areasOf(elevation, areas),
    startsAt: now,
    expiresAt: new Date(now.getTime() + seconds * 1000),
    status: 'active',
  });
  await em.flush();
  decision.record({
    action: 'elevation.approved',
    by,
    organizationIds: [elevation.customerId, elevation.partnerId],
    subject: { kind: 'elevation', id: elevation.id },
    facts: {
      durationSeconds: seconds,
      expiresAt: grant.expiresAt,
      ...(grant.areas && { areas: grant.areas }),
      ...(former && { supersedes: former.id }),
    },
    standing: { grants: [toldOfGrant(grant, 'help_desk_advanced')] },
    grantId: grant.id,
    at: now,
  });
}

/** Another one is made by approving this request only, and it is locked: what standing does not show is not there. */
async function lockFormer(em: EntityManager, elevation: Elevation, standing: Standing): Promise<Grant | null> {
  const { requesterId: accountId, customerId: organizationId } = elevation;
  const isFormer = (one: TemporaryAccess) => one.kind === 'elevation' && one.organizationId === organizationId;
  if (!subjectIn(standing, accountId).temporaryAccess.some(isFormer)) return null;
  return lockRow(em, Grant, { accountId, organizationId, kind: 'elevation', status: 'active' });
}

/** Whether the grant lasts as long, and opens as much, as this approval would have made it. */
export async function isSameElevation(
  { em }: Decision,
  elevation: Elevation,
  { durationSeconds, areas }: ElevationTerms,
): Promise<boolean> {
  const grant = await em.findOne(Grant, { sourceId: elevation.id });
  const wanted = secondsOf(elevation, durationSeconds, await longestGrant(em, elevation));
  if (grant === null || grant.expiresAt.getTime() - grant.startsAt.getTime() !== wanted * 1000) return false;
  return isDeepStrictEqual(areasInWhole(grant.areas), areasInWhole(areasOf(elevation, areas)));
}

/** Null, all that a grant opens, where nobody named any and nobody struck any. */
const areasOf = ({ areas: asked }: Elevation, approved: Area[] | undefined): Area[] | null =>
  approved && approved.length < areasInWhole(asked).length ? approved : (asked ?? null);

const secondsOf = (elevation: Elevation, approved: number | undefined, policyMaximum: number) =>
  grantSeconds({ requested: elevation.durationSeconds, approved: approved ?? null, policyMaximum });

async function longestGrant(em: EntityManager, { customerId }: Elevation): Promise<number> {
  const { policy } = await em.findOneOrFail(Organization, { id: customerId });
  return policySeconds(policy, 'elevationMaxSeconds');
}
