import { maySeeRequest, type Subject } from '#access';
import type { ExternalAdministratorRequestQuery, ExternalAdministratorRequestView } from '#contracts';
import { continueAsSystem, databaseNow, ExternalAdministratorRequest, type EntityManager } from '#persistence';
import { sidesInSight } from '../approval/read.ts';
import { inStatusAt } from '../approval/status.ts';
import { listAbout } from '../organization/about.ts';
import { decodeCursor, pageOf } from '../page.ts';
import { viewExternalAdministratorRequest } from './view.ts';

/**
 * Requests the viewer may see, newest first. They are found under the viewer's own row-level security, which hides the
 * other side's people; the views are made by the system afterwards. 404 for whoever does not see the organization they
 * name, the same for one that there is not.
 */
export async function listExternalAdministratorRequests(
  em: EntityManager,
  viewer: Subject,
  query: ExternalAdministratorRequestQuery,
): Promise<{ items: ExternalAdministratorRequestView[]; nextCursor: string | null }> {
  return listAbout(em, viewer, query, ['customerId', 'partnerId'], (asked) =>
    findExternalAdministratorRequests(em, viewer, asked),
  );
}

async function findExternalAdministratorRequests(
  em: EntityManager,
  viewer: Subject,
  { customerId, partnerId, status, limit, cursor }: ExternalAdministratorRequestQuery,
): Promise<{ items: ExternalAdministratorRequestView[]; nextCursor: string | null }> {
  const now = await databaseNow(em);
  const rows = await em.find(
    ExternalAdministratorRequest,
    {
      $and: [
        partnerId ? { partnerId } : {},
        cursor ? { id: { $lt: decodeCursor(cursor) } } : {},
        status ? inStatusAt(status, now) : {},
        visibleTo(viewer, customerId?.toLowerCase(), now),
      ],
    },
    { orderBy: { id: 'desc' }, limit: limit + 1 },
  );
  const { rows: kept, nextCursor } = pageOf(rows, limit);
  await continueAsSystem(em);
  const items: ExternalAdministratorRequestView[] = [];
  for (const row of kept) items.push(await viewExternalAdministratorRequest(em, viewer, row, now));
  return { items, nextCursor };
}

/** To the partner's side a filter finds only what is shown to it. */
function visibleTo(viewer: Subject, customerId: string | undefined, now: Date) {
  const { deciding, asking } = sidesInSight({ maySee: maySeeRequest }, viewer, now);
  const named = customerId ? { $or: [{ customerKey: customerId }, { customerId, status: 'approved' as const }] } : {};
  return {
    $or: [
      { customerId: { $in: customerId ? deciding.filter((id) => id === customerId) : deciding } },
      {
        $and: [
          { $or: [...(viewer.accountId ? [{ requesterId: viewer.accountId }] : []), { partnerId: { $in: asking } }] },
          named,
        ],
      },
    ],
  };
}
