import { mayRevokeElevation } from '#access';
import type { Elevation } from '#persistence';
import type { Decision } from '../decision.ts';
import { endGrant } from '../grant/end.ts';
import { grantStatusAt, openCaseToAct, refuseElevation } from './find.ts';

/** Any home full administrator of the customer ends the grant, whoever approved it. */
export async function revokeElevation(
  decision: Decision,
  elevationId: string,
  { reason }: { reason?: string | undefined },
): Promise<Elevation> {
  const { elevation, grant, parties, actor, now } = await openCaseToAct(decision, elevationId, 'revoked');
  if (grant?.status === 'revoked' && grant.endedById === decision.actor.id && decision.actor.id) return elevation;

  const ruling = mayRevokeElevation(actor, parties, now);
  if (!ruling.allowed) return refuseElevation(elevation, 'revoked', ruling.code);
  const status = grant && grantStatusAt(grant, now);
  if (!grant || status !== 'active') {
    return refuseElevation(elevation, 'revoked', 'grant_not_active', {
      state: { status: elevation.status, grant: status },
    });
  }
  await endGrant(decision, grant, { status: 'revoked', now, by: ruling.by, reason });
  return elevation;
}
