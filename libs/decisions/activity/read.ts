import type { Subject } from '#access';
import type { ActivityQuery, ActivityView } from '#contracts';
import { Activity, type EntityManager } from '#persistence';
import { readGrant } from '../grant/read.ts';
import { decodeCursor, pageOf } from '../page.ts';
import { viewActivity } from './view.ts';

/** What was done with an access, the latest told first; 404 for whoever does not see the access. */
export async function listActivities(
  em: EntityManager,
  viewer: Subject,
  grantId: string,
  { limit, cursor }: ActivityQuery,
): Promise<{ items: ActivityView[]; nextCursor: string | null }> {
  await readGrant(em, viewer, grantId);
  const rows = await em.find(
    Activity,
    { grantId, ...(cursor && { id: { $lt: decodeCursor(cursor) } }) },
    { orderBy: { id: 'desc' }, limit: limit + 1 },
  );
  const { rows: kept, nextCursor } = pageOf(rows, limit);
  return { items: kept.map(viewActivity), nextCursor };
}
