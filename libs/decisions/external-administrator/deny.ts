import type { ExternalAdministratorRequest } from '#persistence';
import type { Decision } from '../decision.ts';
import {
  isSettledAlike,
  judgeApprover,
  openRequestCaseToAct,
  refuseApprover,
  refuseUnlessPending,
  refuseUnlessPerson,
} from './find.ts';
import { recordOnEachSide } from './record.ts';

/** A full administrator of the customer says no, and may say that they did not expect to be asked. */
export async function denyExternalAdministrator(
  decision: Decision,
  requestId: string,
  { reason, unexpected = false }: { reason?: string | undefined; unexpected?: boolean | undefined },
): Promise<ExternalAdministratorRequest> {
  const opened = await openRequestCaseToAct(decision, requestId, 'denied');
  const { request, parties, now } = opened;
  if (isSettledAlike(request, 'denied', decision) && request.unexpected === unexpected) return request;

  refuseUnlessPerson(opened, decision, 'denied');
  const ruling = await judgeApprover(decision.em, opened.actor, parties, parties.customerId, now);
  if (!ruling.allowed) return refuseApprover(opened, 'denied', ruling.code);
  refuseUnlessPending(opened, 'denied');

  request.status = 'denied';
  request.decidedAt = now;
  request.decidedById = decision.actor.id;
  request.decisionReason = reason ?? null;
  request.unexpected = unexpected;
  recordOnEachSide(decision, request, {
    verb: 'denied',
    by: ruling.by,
    facts: { unexpected },
    reason,
    at: now,
    hidesActor: true,
  });
  await decision.nudge('externalAdministrator', request.id);
  return request;
}
