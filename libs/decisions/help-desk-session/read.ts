import { maySeeElevation, type HelpDeskSessionStatus, type Subject } from '#access';
import { Refusal, type HelpDeskSessionQuery, type HelpDeskSessionView } from '#contracts';
import { Account, databaseNow, Grant, HelpDeskSession, Organization, type EntityManager } from '#persistence';
import { viewGrantState } from '../elevation/read.ts';
import { countMails } from '../mail-delivery/index.ts';
import { decodeCursor, pageOf } from '../page.ts';
import { partiesOfSession } from './find.ts';

/** One session as both sides see it; 404 for everybody else. */
export async function readHelpDeskSession(
  em: EntityManager,
  viewer: Subject,
  sessionId: string,
): Promise<HelpDeskSessionView> {
  const session = await em.findOne(HelpDeskSession, { id: sessionId });
  const now = await databaseNow(em);
  if (!session || !maySeeElevation(viewer, partiesOfSession(session), now).allowed) throw new Refusal('not_found');
  return viewHelpDeskSession(em, session, now);
}

/** Sessions the viewer may see, newest first. */
export async function listHelpDeskSessions(
  em: EntityManager,
  viewer: Subject,
  { customerId, partnerId, status, limit, cursor }: HelpDeskSessionQuery,
): Promise<{ items: HelpDeskSessionView[]; nextCursor: string | null }> {
  const now = await databaseNow(em);
  const own = viewer.memberships.map((membership) => membership.organizationId);
  const sees = (side: { partnerId: string; customerId: string }) =>
    maySeeElevation(viewer, { requesterAccountId: '', ...side }, now).allowed;
  // Time and state are the grant's, so it is asked first; its source ids are in the order of the sessions.
  const grants = await em.find(
    Grant,
    {
      kind: 'help_desk_session',
      ...(customerId && { organizationId: customerId }),
      ...(partnerId && { partnerId }),
      ...(cursor && { sourceId: { $lt: decodeCursor(cursor) } }),
      $and: [
        status ? statusFilter(status, now) : {},
        {
          $or: [
            ...(viewer.accountId ? [{ accountId: viewer.accountId }] : []),
            { organizationId: { $in: own.filter((id) => sees({ customerId: id, partnerId: '' })) } },
            { partnerId: { $in: own.filter((id) => sees({ customerId: '', partnerId: id })) } },
          ],
        },
      ],
    },
    { orderBy: { sourceId: 'desc' }, limit: limit + 1 },
  );
  const { rows, nextCursor } = pageOf(
    grants.map((grant) => ({ id: grant.sourceId })),
    limit,
  );
  const sessions = await em.find(
    HelpDeskSession,
    { id: { $in: rows.map(({ id }) => id) } },
    { orderBy: { id: 'desc' } },
  );
  const items: HelpDeskSessionView[] = [];
  for (const session of sessions) items.push(await viewHelpDeskSession(em, session, now));
  return { items, nextCursor };
}

function statusFilter(status: HelpDeskSessionStatus, now: Date) {
  if (status === 'active') return { status, expiresAt: { $gt: now } };
  if (status === 'expired') return { $or: [{ status }, { status: 'active' as const, expiresAt: { $lte: now } }] };
  return { status };
}

export async function viewHelpDeskSession(
  em: EntityManager,
  session: HelpDeskSession,
  now: Date,
): Promise<HelpDeskSessionView> {
  const grant = viewGrantState(await em.findOneOrFail(Grant, { sourceId: session.id }), now);
  const holder = await em.findOne(Account, { id: session.accountId });
  const organizations = await em.find(Organization, { id: { $in: [session.customerId, session.partnerId] } });
  const nameOf = (id: string) => organizations.find((organization) => organization.id === id)?.name ?? '';
  return {
    id: session.id,
    status: sessionStatusOf(grant.status),
    customerId: session.customerId,
    customerName: nameOf(session.customerId),
    partnerId: session.partnerId,
    partnerName: nameOf(session.partnerId),
    holder: { id: session.accountId, displayName: holder?.displayName ?? '', email: holder?.email ?? '' },
    reason: session.reason,
    createdAt: session.createdAt.toISOString(),
    notifications: await countMails(em, { rowId: session.id }),
    grant,
  };
}

/** Nothing supersedes a session, since nobody extends one. */
const sessionStatusOf = (status: HelpDeskSessionView['grant']['status']): HelpDeskSessionStatus =>
  status === 'superseded' ? 'ended' : status;
