import type { Decision } from '../decision.ts';
import type { Precondition } from '../precondition.ts';
import type { ApprovalFlow, ApprovalRow } from './flow.ts';
import { actOn } from './open.ts';
import { isDecidedBy, requirePending } from './right.ts';

/** Whoever asked withdraws the request. */
export async function cancelRequest<Row extends ApprovalRow>(
  decision: Decision,
  flow: ApprovalFlow<Row, never>,
  id: string,
  precondition?: Precondition,
): Promise<Row> {
  const verb = 'cancelled';
  return actOn(decision, flow, id, {
    verb,
    right: ({ actor, parties }) => flow.mayWithdraw(actor, parties),
    isDone: ({ row }) => isDecidedBy(row, verb, decision),
    precondition,
    async change(opened, by) {
      const { row, now } = opened;
      requirePending(flow, opened, verb);
      row.status = verb;
      row.decidedAt = now;
      row.decidedById = decision.actor.id;
      await flow.record(decision, row, { verb, by, at: now });
      await decision.nudge(flow.workflowType, row.id);
    },
  });
}
