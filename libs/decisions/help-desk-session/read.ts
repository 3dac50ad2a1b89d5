import { maySeeRequest, type HelpDeskSessionStatus, type Subject } from '#access';
import type { HelpDeskSessionQuery, HelpDeskSessionView } from '#contracts';
import { Account, databaseNow, Grant, HelpDeskSession, Organization, type EntityManager } from '#persistence';
import { sidesInSight } from '../approval/read.ts';
import { grantInStatusAt } from '../grant/status.ts';
import { viewGrantState } from '../grant/view.ts';
import { countMails } from '../mail-delivery/index.ts';
import { decodeCursor, pageOf } from '../page.ts';

/** Sessions the viewer may see, newest first. */
export async function listHelpDeskSessions(
  em: EntityManager,
  viewer: Subject,
  { customerId, partnerId, status, limit, cursor }: HelpDeskSessionQuery,
): Promise<{ items: HelpDeskSessionView[]; nextCursor: string | null }> {
  const now = await databaseNow(em);
  const sides = sidesInSight({ maySee: maySeeRequest }, viewer, now);
  // Time and state are the grant's, so it is asked first; its source ids are in the order of the sessions.
  const grants = await em.find(
    Grant,
    {
      kind: 'help_desk_session',
      ...(customerId && { organizationId: customerId }),
      ...(partnerId && { partnerId }),
      ...(cursor && { sourceId: { $lt: decodeCursor(cursor) } }),
      $and: [
        status ? grantInStatusAt(status, now) : {},
        {
          $or: [
            ...(viewer.accountId ? [{ accountId: viewer.accountId }] : []),
            { organizationId: { $in: sides.deciding } },
            { partnerId: { $in: sides.asking } },
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
