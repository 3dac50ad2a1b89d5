import { ExternalAdministratorRequest } from '#persistence';
import { theClock, type Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { recordOnEachSide } from './record.ts';

/** Writes down that nobody decided in time. The clock's part of a decision: guarded, harmless to repeat. */
export async function expireExternalAdministratorRequest(decision: Decision, requestId: string): Promise<void> {
  const request = await lockRow(decision.em, ExternalAdministratorRequest, { id: requestId });
  const now = await decision.now();
  if (request?.status === 'pending' && request.decideBy <= now) await expireLockedRequest(decision, request, now);
}

/** The row is locked, pending and overdue. The moment on record is the deadline, not when somebody noticed. */
export async function expireLockedRequest(
  decision: Decision,
  request: ExternalAdministratorRequest,
  now: Date,
): Promise<void> {
  request.status = 'expired';
  request.decidedAt = request.decideBy;
  recordOnEachSide(decision, request, {
    verb: 'expired',
    facts: { decideBy: request.decideBy },
    at: now,
    actor: theClock(),
  });
  await decision.nudge('externalAdministrator', request.id);
}
