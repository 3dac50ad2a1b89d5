import type { ApprovalStatus } from '#access';
import { Elevation, type EntityManager } from '#persistence';
import { approvalStatusAt } from '../approval/status.ts';

/** What became of the requests before this one. */
export interface EarlierRequests {
  total: number;
  byStatus: Partial<Record<ApprovalStatus, number>>;
}

const mostRecent = 100;

/** The same person's hundred latest requests to the same customer before this one, counted by how they ended. */
export async function earlierElevations(
  em: EntityManager,
  { id, requester, customerId }: { id: string; requester: { id: string }; customerId: string },
  now: Date,
): Promise<EarlierRequests> {
  const rows = await em.find(
    Elevation,
    { requesterId: requester.id, customerId, id: { $lt: id } },
    { orderBy: { id: 'desc' }, limit: mostRecent },
  );
  const byStatus: EarlierRequests['byStatus'] = {};
  for (const row of rows) {
    const status = approvalStatusAt(row, now);
    byStatus[status] = (byStatus[status] ?? 0) + 1;
  }
  return { total: rows.length, byStatus };
}
