import { isSupport, type Ruling } from '#access';
import { subjectIn } from '#persistence';
import type { Decision } from '../decision.ts';
import type { ApprovalFlow, ApprovalRow, Opened } from './flow.ts';
import { refuse } from './open.ts';
import { approvalStatusAt } from './status.ts';

/** Whether the actor decides this request. Only people do: neither a service nor, under its own names, the support team. */
export function rightToDecide<Row extends ApprovalRow>(
  { actor }: Decision,
  flow: ApprovalFlow<Row, never>,
  { actor: inSession, parties, standing, now }: Opened<Row>,
  rule: ApprovalFlow['mayDecide'] = (...judged) => flow.mayDecide(...judged),
): Ruling {
  if (actor.kind === 'support') return { allowed: false, code: 'support_never_approves' };
  if (actor.kind !== 'account' || !actor.id) return { allowed: false, code: 'person_required' };
  const ruling = rule({ inSession, inAll: subjectIn(standing, actor.id) }, parties, now);
  return !ruling.allowed && isSupport(inSession, now) ? { allowed: false, code: 'support_never_approves' } : ruling;
}

export function requirePending<Row extends ApprovalRow>(
  flow: ApprovalFlow<Row, never>,
  opened: Opened<Row>,
  verb: string,
): void {
  const status = approvalStatusAt(opened.row, opened.now);
  if (status !== 'pending') refuse(flow, opened, verb, flow.notPending, { state: { status } });
}

/** The same decision again by the same person. */
export const isDecidedBy = (
  { status, decidedById }: ApprovalRow,
  decided: ApprovalRow['status'],
  { actor }: Decision,
): boolean => status === decided && actor.id !== null && decidedById === actor.id;
