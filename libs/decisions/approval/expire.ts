import { LockMode, type FilterQuery } from '@mikro-orm/postgresql';
import { Refusal } from '#contracts';
import { theClock, type Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { hourBefore, requirePaceLeft } from '../pace.ts';
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

export interface Asked<Row> {
  /** What tells the one request that may be open from others. */
  open: Partial<NoInfer<Row>>;
  /** What the same person asked of the same organization, whenever. */
  byTheSame: Partial<NoInfer<Row>>;
}

/** One request may be open: an overdue one is closed first, an open one refuses the new one, and so do too many in an hour. */
export async function closeOverdueOrRefuse<Row extends ApprovalRow>(
  decision: Decision,
  flow: ApprovalFlow<Row, never>,
  { open, byTheSame }: Asked<Row>,
  now: Date,
): Promise<void> {
  const { em, settings } = decision;
  const pending = { ...open, status: 'pending' };
  const lately = { ...byTheSame, createdAt: { $gt: hourBefore(now) } };
  // Of an entity that is not named here the compiler cannot tell what it has.
  const where = { $or: [pending, lately] } as FilterQuery<NoInfer<Row>>;
  const found = await em.find(flow.entity, where, { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true });
  const row = found.find((one) => Object.entries(pending).every(([name, value]) => Reflect.get(one, name) === value));
  if (!row) return requirePaceLeft(found, settings.asksPerHour, now);
  if (row.decideBy > now) throw new Refusal(flow.oneOpen.code, { state: { id: row.id, status: row.status } });
  await expireOverdue(decision, flow, row, now);
  await em.flush();
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
