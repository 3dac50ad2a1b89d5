import { maySeeExternalAdministratorRequest, seesRequestAsCustomer, type Subject } from '#access';
import { Refusal, type ExternalAdministratorRequestQuery } from '#contracts';
import { databaseNow, ExternalAdministratorRequest, type EntityManager } from '#persistence';
import { decodeCursor, pageOf } from '../page.ts';
import { externalAdministratorPartiesOf } from './find.ts';

/**
 * The id of a request the viewer may see; 404 for everybody else. Read under the viewer's own row-level security, which
 * hides the other side's people: the view is made by the system afterwards.
 */
export async function findExternalAdministratorRequest(
  em: EntityManager,
  viewer: Subject,
  requestId: string,
): Promise<string> {
  const request = await em.findOne(ExternalAdministratorRequest, { id: requestId });
  const now = await databaseNow(em);
  const isSeen =
    request && maySeeExternalAdministratorRequest(viewer, externalAdministratorPartiesOf(request), now).allowed;
  if (!isSeen) throw new Refusal('not_found');
  return request.id;
}

/** Ids of the requests the viewer may see, newest first. */
export async function findExternalAdministratorRequests(
  em: EntityManager,
  viewer: Subject,
  { customerId, partnerId, status, limit, cursor }: ExternalAdministratorRequestQuery,
): Promise<{ ids: string[]; nextCursor: string | null }> {
  const now = await databaseNow(em);
  const rows = await em.find(
    ExternalAdministratorRequest,
    {
      $and: [
        partnerId ? { partnerId } : {},
        cursor ? { id: { $lt: decodeCursor(cursor) } } : {},
        status ? statusFilter(status, now) : {},
        visibleTo(viewer, customerId?.toLowerCase(), now),
      ],
    },
    { orderBy: { id: 'desc' }, limit: limit + 1 },
  );
  const { rows: kept, nextCursor } = pageOf(rows, limit);
  return { ids: kept.map((row) => row.id), nextCursor };
}

/** The rule of sight, asked once per organization. To the partner's side a filter finds only what is shown to it. */
function visibleTo(viewer: Subject, customerId: string | undefined, now: Date) {
  const own = viewer.memberships.map((membership) => membership.organizationId);
  const customers = own.filter((id) => seesRequestAsCustomer(viewer, { customerId: id }, now));
  const partners = own.filter(
    (id) =>
      maySeeExternalAdministratorRequest(viewer, { requesterAccountId: '', partnerId: id, customerId: null }, now)
        .allowed,
  );
  const named = customerId ? { $or: [{ customerKey: customerId }, { customerId, status: 'approved' as const }] } : {};
  return {
    $or: [
      { customerId: { $in: customerId ? customers.filter((id) => id === customerId) : customers } },
      {
        $and: [
          { $or: [...(viewer.accountId ? [{ requesterId: viewer.accountId }] : []), { partnerId: { $in: partners } }] },
          named,
        ],
      },
    ],
  };
}

function statusFilter(status: ExternalAdministratorRequest['status'], now: Date) {
  if (status === 'pending') return { status, decideBy: { $gt: now } };
  if (status === 'expired') return { $or: [{ status }, { status: 'pending' as const, decideBy: { $lte: now } }] };
  return { status };
}
