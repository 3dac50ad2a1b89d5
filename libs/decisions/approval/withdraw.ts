import { LockMode, type FilterQuery } from '@mikro-orm/postgresql';
import type { Affected, Cause } from '../affected.ts';
import type { Decision } from '../decision.ts';
import type { ApprovalFlow, ApprovalRow } from './flow.ts';

/** Withdraws, in the transaction that took a right away, the open requests of those who may no longer ask. */
export async function withdrawWithoutRight<Row extends ApprovalRow>(
  decision: Decision,
  flow: ApprovalFlow<Row, never>,
  affected: Affected,
  cause: Cause,
): Promise<void> {
  const resting = flow.restingOn(affected);
  if (!resting) return;
  const { em } = decision;
  const open = await em.find(flow.entity, { $and: [{ status: 'pending' }, resting] } as FilterQuery<NoInfer<Row>>, {
    lockMode: LockMode.PESSIMISTIC_WRITE,
    orderBy: [{ id: 'asc' }] as never,
    refresh: true,
  });
  if (open.length === 0) return;
  const now = await decision.now();
  for (const row of open) {
    if (row.decideBy <= now) continue;
    const entitlement = await flow.entitlement(em, row, now);
    // Access that the requester has by now is no loss of a right: whoever approves then is told.
    if (entitlement.allowed || entitlement.code === 'has_access_already') continue;
    row.status = 'cancelled';
    row.decidedAt = now;
    row.decisionReason = cause;
    await flow.record(decision, row, { verb: 'cancelled', facts: { cause }, cause, at: now });
    await decision.nudge(flow.workflowType, row.id);
  }
}
