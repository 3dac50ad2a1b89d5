import { mayDeny } from '#access';
import type { Decision } from '../decision.ts';
import type { Precondition } from '../precondition.ts';
import type { ApprovalFlow, ApprovalRow } from './flow.ts';
import { actOn } from './open.ts';
import { isDecidedBy, requirePending, rightToDecide } from './right.ts';

export interface Denial {
  reason?: string | undefined;
  unexpected?: boolean | undefined;
}

/** Somebody independent says no, and may say that they did not expect to be asked. */
export async function denyRequest<Row extends ApprovalRow>(
  decision: Decision,
  flow: ApprovalFlow<Row, never>,
  id: string,
  { reason, unexpected = false }: Denial,
  precondition?: Precondition,
): Promise<Row> {
  const verb = 'denied';
  return actOn(decision, flow, id, {
    verb,
    right: (opened) => rightToDecide(decision, flow, opened, mayDeny),
    isDone: ({ row }) => isDecidedBy(row, verb, decision) && row.unexpected === unexpected,
    precondition,
    async change(opened, by) {
      const { row, now } = opened;
      requirePending(flow, opened, verb);
      row.status = verb;
      row.decidedAt = now;
      row.decidedById = decision.actor.id;
      row.decisionReason = reason ?? null;
      row.unexpected = unexpected;
      await flow.record(decision, row, { verb, by, facts: { unexpected }, reason, at: now });
      await decision.nudge(flow.workflowType, row.id);
    },
  });
}
