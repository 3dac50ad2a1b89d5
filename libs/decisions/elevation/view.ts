import { mayDecide, maySeeRequest, type Subject } from '#access';
import type { ElevationQuery, ElevationView } from '#contracts';
import { databaseNow, Elevation, type EntityManager, type Grant, type Standing } from '#persistence';
import { approversIn, eligibleApprovers } from '../approval/approvers.ts';
import { sidesInSight } from '../approval/read.ts';
import { approvalStatusAt, inStatusAt, settledAt } from '../approval/status.ts';
import { viewGrantState } from '../grant/view.ts';
import { listAbout } from '../organization/about.ts';
import { decodeCursor, newestOf, pageOf } from '../page.ts';
import { partiesOfElevation } from './parties.ts';

/** Elevations the viewer may see, newest first; 404 for whoever does not see the organization they name. */
export async function listElevations(
  em: EntityManager,
  viewer: Subject,
  query: ElevationQuery,
): Promise<{ items: ElevationView[]; nextCursor: string | null }> {
  return listAbout(em, viewer, query, ['customerId', 'partnerId'], (asked) => findElevations(em, viewer, asked));
}

async function findElevations(
  em: EntityManager,
  viewer: Subject,
  { customerId, partnerId, status, limit, cursor }: ElevationQuery,
): Promise<{ items: ElevationView[]; nextCursor: string | null }> {
  const now = await databaseNow(em);
  const sides = sidesInSight({ maySee: maySeeRequest }, viewer, now);
  const rows = await newestOf(
    em,
    Elevation,
    [
      // The bootstrap support token is nobody.
      ...(viewer.accountId ? [{ requesterId: viewer.accountId }] : []),
      ...sides.deciding.map((id) => ({ customerId: id })),
      ...sides.asking.map((id) => ({ partnerId: id })),
    ],
    {
      ...(customerId && { customerId }),
      ...(partnerId && { partnerId }),
      ...(cursor && { id: { $lt: decodeCursor(cursor) } }),
      $and: [status ? inStatusAt(status, now) : {}],
    },
    limit + 1,
  );
  const { rows: kept, nextCursor } = pageOf(rows, limit);
  const items: ElevationView[] = [];
  for (const row of kept) items.push(await viewElevation(em, row, now));
  return { items, nextCursor };
}

export async function viewElevation(
  em: EntityManager,
  elevation: Elevation,
  now: Date,
  deciders?: Standing,
): Promise<ElevationView> {
  const { people, organizations, grant, mails } = await around(em, elevation);
  const nameOf = (id: string) => organizations?.find((organization) => organization.id === id)?.name ?? '';
  const requester = people?.find((person) => person.id === elevation.requesterId);
  const decider = people?.find((person) => person.id === elevation.decidedById);
  const status = approvalStatusAt(elevation, now);
  const parties = partiesOfElevation(elevation);
  const findApprovers = () =>
    deciders ? approversIn(deciders, { mayDecide }, parties, now) : eligibleApprovers(em, { mayDecide }, parties, now);
  const approvers = status === 'pending' ? await findApprovers() : [];
  return {
    id: elevation.id,
    status,
    customerId: elevation.customerId,
    customerName: nameOf(elevation.customerId),
    partnerId: elevation.partnerId,
    partnerName: nameOf(elevation.partnerId),
    requester: { id: elevation.requesterId, displayName: requester?.displayName ?? '', email: requester?.email ?? '' },
    reason: elevation.reason,
    ticket: elevation.ticket ?? null,
    durationSeconds: elevation.durationSeconds,
    createdAt: elevation.createdAt.toISOString(),
    decideBy: elevation.decideBy.toISOString(),
    seenAt: elevation.seenAt?.toISOString() ?? null,
    decidedAt: settledAt(elevation, now),
    decidedBy: decider ? { id: decider.id, displayName: decider.displayName } : null,
    decisionReason: elevation.decisionReason ?? null,
    unexpected: elevation.unexpected,
    eligibleApprovers: { count: approvers.length, names: approvers.map((approver) => approver.displayName) },
    notifications: {
      planned: mails?.planned ?? 0,
      sent: mails?.sent ?? 0,
      undeliverable: mails?.undeliverable ?? 0,
    },
    grant: grant && viewGrantState(grantOf(grant), now),
  };
}

/** What an elevation is shown with; lists without a row are null, times are ISO 8601. */
interface Around {
  people: { id: string; displayName: string; email: string }[] | null;
  organizations: { id: string; name: string }[] | null;
  grant: (Record<'id' | 'startsAt' | 'expiresAt', string> & Pick<Grant, 'status'> & Optional) | null;
  mails: Partial<Record<'planned' | 'sent' | 'undeliverable', number>> | null;
}

type Optional = Record<'usedAt' | 'endedAt' | 'endReason', string | null>;

async function around(em: EntityManager, elevation: Elevation): Promise<Around> {
  await em.flush();
  const { id, requesterId, decidedById, customerId, partnerId } = elevation;
  const [found] = await em.execute<Around[]>(
    `select
       (select json_agg(row) from (
          select id, display_name as "displayName", email from account where id in (?)) as row) as people,
       (select json_agg(row) from (select id, name from organization where id in (?)) as row) as organizations,
       (select to_json(row) from (
          select id, starts_at as "startsAt", expires_at as "expiresAt", used_at as "usedAt", status,
                 ended_at as "endedAt", end_reason as "endReason" from "grant" where source_id = ?) as row) as grant,
       (select json_object_agg(status, mails) from (
          select status, count(*) as mails from mail_delivery where row_id = ? group by status) as counted) as mails`,
    [[requesterId, ...(decidedById ? [decidedById] : [])], [customerId, partnerId], id, id],
  );
  return found ?? { people: null, organizations: null, grant: null, mails: null };
}

const grantOf = ({ startsAt, expiresAt, usedAt, endedAt, ...grant }: NonNullable<Around['grant']>) => ({
  ...grant,
  startsAt: new Date(startsAt),
  expiresAt: new Date(expiresAt),
  usedAt: usedAt === null ? null : new Date(usedAt),
  endedAt: endedAt === null ? null : new Date(endedAt),
});
