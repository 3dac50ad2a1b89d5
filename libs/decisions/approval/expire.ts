import type { FilterQuery } from '@mikro-orm/postgresql';
import { Refusal } from '#contracts';
import { theClock, type Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import type { ApprovalFlow, ApprovalRow } from './flow.ts';

/** Writes down that nobody decided in time. The clock's part of a decision: guarded, harmless to repeat. */
export async function expireRequest<Row extends ApprovalRow>(
  decision: Decision,
  flow: ApprovalFlow<Row, never>,
  id: string,
): Promise<void> {
  const row = await lockRow(decision.em, flow.entity, { id } as FilterQuery<NoInfer<Row>>);
  const now = await decision.now();
  if (row?.status === 'pending' && row.decideBy <= now) await expireOverdue(decision, flow, row, now);
}

/** One request may be open: an overdue one is closed first, an open one refuses the new one. */
export async function closeOverdueOrRefuse<Row extends ApprovalRow>(
  decision: Decision,
  flow: ApprovalFlow<Row, never>,
  open: FilterQuery<NoInfer<Row>>,
  now: Date,
): Promise<void> {
  const row = await lockRow(decision.em, flow.entity, open);
  if (!row) return;
  if (row.decideBy > now) throw new Refusal(flow.oneOpen.code, { state: { id: row.id, status: row.status } });
  await expireOverdue(decision, flow, row, now);
  await decision.em.flush();
}

/** The row is locked, pending and overdue. The moment on record is the deadline, not when somebody noticed. */
async function expireOverdue<Row extends ApprovalRow>(
  decision: Decision,
  flow: ApprovalFlow<Row, never>,
  row: Row,
  now: Date,
): Promise<void> {
  row.status = 'expired';
  row.decidedAt = row.decideBy;
  await flow.record(decision, row, {
    verb: 'expired',
    facts: { decideBy: row.decideBy },
    at: now,
    actor: theClock(),
  });
  await decision.nudge(flow.workflowType, row.id);
}
