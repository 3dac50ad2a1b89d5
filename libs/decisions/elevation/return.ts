import { mayReturnElevation } from '#access';
import type { Elevation } from '#persistence';
import type { Decision } from '../decision.ts';
import { endGrant } from '../grant/end.ts';
import { grantStatusAt, openCaseToAct, refuseElevation } from './find.ts';

/** The agent gives the access back before its time. */
export async function returnElevation(decision: Decision, elevationId: string): Promise<Elevation> {
  const { elevation, grant, actor, now } = await openCaseToAct(decision, elevationId, 'returned');
  if (grant?.status === 'returned' && grant.endedById === decision.actor.id && decision.actor.id) return elevation;

  const ruling = mayReturnElevation(actor, { holderAccountId: elevation.requesterId });
  if (!ruling.allowed) return refuseElevation(elevation, 'returned', ruling.code);
  const status = grant && grantStatusAt(grant, now);
  if (!grant || status !== 'active') {
    return refuseElevation(elevation, 'returned', 'grant_not_active', {
      state: { status: elevation.status, grant: status },
    });
  }
  await endGrant(decision, grant, { status: 'returned', now, by: ruling.by });
  return elevation;
}
