import type { ApprovalStatus } from '#access';
import type { ApprovalRow } from './flow.ts';

/** The state as it counts at this moment: an overdue request is expired, whether or not anybody wrote it down. */
export const approvalStatusAt = ({ status, decideBy }: Pick<ApprovalRow, 'status' | 'decideBy'>, now: Date) =>
  status === 'pending' && decideBy <= now ? 'expired' : status;

/** The same question to the database. */
export function inStatusAt(status: ApprovalStatus, now: Date) {
  if (status === 'pending') return { status, decideBy: { $gt: now } };
  if (status === 'expired') return { $or: [{ status }, { status: 'pending' as const, decideBy: { $lte: now } }] };
  return { status };
}

/** When the request was settled; an overdue one at its deadline, also where nobody has written it down yet. */
export const settledAt = (row: ApprovalRow, now: Date): string | null =>
  (approvalStatusAt(row, now) === 'expired' ? row.decideBy : row.decidedAt)?.toISOString() ?? null;
