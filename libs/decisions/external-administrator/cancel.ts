import { mayCancelExternalAdministratorRequest } from '#access';
import type { ExternalAdministratorRequest } from '#persistence';
import type { Decision } from '../decision.ts';
import { isSettledAlike, openRequestCaseToAct, refuseRequestAct, refuseUnlessPending } from './find.ts';
import { recordOnEachSide } from './record.ts';

/** The asker withdraws the request. */
export async function cancelExternalAdministratorRequest(
  decision: Decision,
  requestId: string,
): Promise<ExternalAdministratorRequest> {
  const opened = await openRequestCaseToAct(decision, requestId, 'cancelled');
  const { request, parties, now } = opened;
  if (isSettledAlike(request, 'cancelled', decision)) return request;

  const ruling = mayCancelExternalAdministratorRequest(opened.actor, parties);
  if (!ruling.allowed) return refuseRequestAct(opened, 'cancelled', ruling.code);
  refuseUnlessPending(opened, 'cancelled');

  request.status = 'cancelled';
  request.decidedAt = now;
  request.decidedById = decision.actor.id;
  recordOnEachSide(decision, request, { verb: 'cancelled', by: ruling.by, at: now });
  await decision.nudge('externalAdministrator', request.id);
  return request;
}
