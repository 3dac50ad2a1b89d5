import type { RefusalDetails } from '#contracts';
import type { Decision } from '../decision.ts';
import type { Precondition } from '../precondition.ts';
import { missingProof } from '../session/require-proof.ts';
import type { ApprovalFlow, ApprovalRow } from './flow.ts';
import { actOn, refuse } from './open.ts';
import { isDecidedBy, requirePending, rightToDecide } from './right.ts';

/** Somebody independent says yes, on their terms; what that does is the flow's. */
export async function approveRequest<Row extends ApprovalRow, Terms>(
  decision: Decision,
  flow: ApprovalFlow<Row, Terms>,
  id: string,
  terms: Terms,
  precondition?: Precondition,
): Promise<Row> {
  const verb = 'approved';
  return actOn(decision, flow, id, {
    verb,
    right: (opened) => rightToDecide(decision, flow, opened),
    isDone: async ({ row }) => isDecidedBy(row, verb, decision) && (await flow.isSameApproval(decision, row, terms)),
    precondition,
    async change(opened, by) {
      const { row, now } = opened;
      requirePending(flow, opened, verb);
      const entitlement = await flow.entitlement(decision.em, row, now, opened.standing);
      const refuseIt = (code: string, details?: RefusalDetails) => refuse(flow, opened, verb, code, details);
      if (!entitlement.allowed) refuseIt('requester_not_entitled');
      const missing = await missingProof(decision, opened.parties.organizationId, now, opened.standing);
      if (missing) refuseIt('step_up_required', missing);
      await flow.approve(decision, { ...opened, by, refuse: refuseIt }, terms);
      row.status = 'approved';
      row.decidedAt = now;
      row.decidedById = decision.actor.id;
      await decision.nudge(flow.workflowType, row.id);
    },
  });
}
