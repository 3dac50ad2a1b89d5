import { isSupport, maySeeElevation, type ElevationParties, type Subject } from '#access';
import { Refusal, type RefusalDetails } from '#contracts';
import { Elevation, Grant, holdStanding } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { refuseAct } from '../refuse-act.ts';
import { subjectOf } from '../subject-of.ts';

/** An elevation locked for a decision, with all that the rules look at, read under the locks. */
export interface ElevationCase {
  elevation: Elevation;
  /** The grant of the elevation, whatever its state. */
  grant: Grant | null;
  parties: ElevationParties;
  /** The person who decides. */
  actor: Subject;
  now: Date;
}

export function partiesOf(elevation: Elevation): ElevationParties {
  return {
    requesterAccountId: elevation.requesterId,
    partnerId: elevation.partnerId,
    customerId: elevation.customerId,
  };
}

/** Locks in the one order there is; 404 where the row is absent or another tenant's. */
export async function openCase({ em, actor, now }: Decision, elevationId: string): Promise<ElevationCase> {
  const seen = await em.findOne(Elevation, { id: elevationId });
  if (!seen) throw new Refusal('not_found');
  await holdStanding(em, [seen.requesterId, ...(actor.id ? [actor.id] : [])], seen.customerId);
  const elevation = await lockRow(em, Elevation, { id: elevationId });
  if (!elevation) throw new Refusal('not_found');
  const grant = await lockRow(em, Grant, { sourceId: elevationId });
  return {
    elevation,
    grant,
    parties: partiesOf(elevation),
    actor: await subjectOf(em, actor),
    now: await now(),
  };
}

/**
 * As `openCase`, for an act. Who may not see the elevation is answered as if there were none, and goes on record; the
 * support team, which sees none either, knows that there are such requests and hears that it decides none.
 */
export async function openCaseToAct(decision: Decision, elevationId: string, verb: string): Promise<ElevationCase> {
  const opened = await openCase(decision, elevationId);
  const sight = maySeeElevation(opened.actor, opened.parties, opened.now);
  if (sight.allowed || isSupport(opened.actor, opened.now)) return opened;
  return refuseElevation(opened.elevation, verb, 'not_found', {}, sight.code);
}

/** The state as it counts at this moment: an overdue request is expired, whether or not anybody wrote it down. */
export function elevationStatusAt(elevation: Elevation, now: Date): Elevation['status'] {
  return elevation.status === 'pending' && elevation.decideBy <= now ? 'expired' : elevation.status;
}

export function grantStatusAt(grant: Grant, now: Date): Grant['status'] {
  return grant.status === 'active' && grant.expiresAt <= now ? 'expired' : grant.status;
}

/** Refuses what the actor tried with this elevation; both sides see it on record. */
export function refuseElevation(
  elevation: Elevation,
  verb: string,
  code: string,
  details: RefusalDetails = {},
  because?: string,
): never {
  return refuseAct(
    {
      action: `elevation.${verb}`,
      organizationIds: [elevation.customerId, elevation.partnerId],
      subject: { kind: 'elevation', id: elevation.id },
      because,
    },
    code,
    details,
  );
}

/** Refuses somebody who is no approver. The support team hears that it never is one, under its own names, too. */
export function refuseApprover({ elevation, actor, now }: ElevationCase, verb: string, code: string): never {
  return refuseElevation(elevation, verb, isSupport(actor, now) ? 'support_never_approves' : code);
}
