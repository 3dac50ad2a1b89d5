import { maySeeRequest, type HelpDeskSessionStatus, type Subject } from '#access';
import type { HelpDeskSessionQuery, HelpDeskSessionView } from '#contracts';
import { Account, databaseNow, Grant, HelpDeskSession, Organization, type EntityManager } from '#persistence';
import { sidesInSight } from '../approval/read.ts';
import { grantInStatusAt } from '../grant/status.ts';
import { viewGrantState } from '../grant/view.ts';
import { countMails } from '../mail-delivery/index.ts';
import { listAbout } from '../organization/about.ts';
import { decodeCursor, newestOf, pageOf } from '../page.ts';

/** Sessions the viewer may see, newest first; 404 for whoever does not see the organization they name. */
export async function listHelpDeskSessions(
  em: EntityManager,
  viewer: Subject,
  query: HelpDeskSessionQuery,
): Promise<{ items: HelpDeskSessionView[]; nextCursor: string | null }> {
  return listAbout(em, viewer, query, ['customerId', 'partnerId'], (asked) => findHelpDeskSessions(em, viewer, asked));
}

async function findHelpDeskSessions(
  em: EntityManager,
  viewer: Subject,
  { customerId, partnerId, status, limit, cursor }: HelpDeskSessionQuery,
): Promise<{ items: HelpDeskSessionView[]; nextCursor: string | null }> {
  const now = await databaseNow(em);
  const sides = sidesInSight({ maySee: maySeeRequest }, viewer, now);
  const ofViewer = viewer.accountId ? [{ accountId: viewer.accountId }] : [];
  const before = cursor && decodeCursor(cursor);
  let ids: { id: string }[];
  if (status) {
    // The state is the grant's, so it is asked first; grants are in the order of their sessions.
    const last = before ? await em.findOne(Grant, { sourceId: before, kind: 'help_desk_session' }) : null;
    const grants = await newestOf(
      em,
      Grant,
      [
        ...ofViewer,
        ...sides.deciding.map((id) => ({ organizationId: id })),
        ...sides.asking.map((id) => ({ partnerId: id })),
      ],
      {
        kind: 'help_desk_session',
        ...(customerId && { organizationId: customerId }),
        ...(partnerId && { partnerId }),
        ...(last && { id: { $lt: last.id } }),
        $and: [grantInStatusAt(status, now)],
      },
      limit + 1,
    );
    ids = grants.map(({ sourceId }) => ({ id: sourceId }));
  } else {
    ids = await newestOf(
      em,
      HelpDeskSession,
      [
        ...ofViewer,
        ...sides.deciding.map((id) => ({ customerId: id })),
        ...sides.asking.map((id) => ({ partnerId: id })),
      ],
      {
        ...(customerId && { customerId }),
        ...(partnerId && { partnerId }),
        ...(before && { id: { $lt: before } }),
      },
      limit + 1,
    );
  }
  const { rows, nextCursor } = pageOf(ids, limit);
  const sessions = await em.find(
    HelpDeskSession,
    { id: { $in: rows.map(({ id }) => id) } },
    { orderBy: { id: 'desc' } },
  );
  const items: HelpDeskSessionView[] = [];
  for (const session of sessions) items.push(await viewHelpDeskSession(em, session, now));
  return { items, nextCursor };
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
