import type { Decision } from '../decision.ts';
import type { ApprovalFlow, ApprovalRow } from './flow.ts';
import { open } from './open.ts';
import { rightToDecide } from './right.ts';
import { approvalStatusAt } from './status.ts';

/** A request that remembers who had it before them first. */
export interface SeenRow extends ApprovalRow {
  seenAt?: Date | null | undefined;
  seenById?: string | null | undefined;
}

/**
 * Notes that somebody who could decide has the request before them. The page says so by a POST of its own, since
 * opening a link changes nothing. Only the first time counts; for everybody else nothing happens.
 */
export async function noteSeen<Row extends SeenRow>(
  decision: Decision,
  flow: ApprovalFlow<Row, never>,
  id: string,
): Promise<void> {
  const opened = await open(decision, flow, id);
  const { row, now } = opened;
  if (row.seenAt || approvalStatusAt(row, now) !== 'pending') return;
  const ruling = rightToDecide(decision, flow, opened);
  if (!ruling.allowed) return;
  row.seenAt = now;
  row.seenById = decision.actor.id;
  await flow.record(decision, row, { verb: 'seen', by: ruling.by, at: now });
}
