import type { EntityData } from '@mikro-orm/postgresql';
import { mayDecide, maySeeRequest, type Subject } from '#access';
import { Refusal, type ElevationQuery, type ElevationView } from '#contracts';
import {
  asSeenBy,
  databaseNow,
  Elevation,
  executeAsLast,
  type Database,
  type EntityManager,
  type Grant,
  type Standing,
  type TenancyContext,
} from '#persistence';
import { approversIn, eligibleApprovers, type Approver } from '../approval/approvers.ts';
import { sidesInSight } from '../approval/read.ts';
import { approvalStatusAt, inStatusAt, settledAt } from '../approval/status.ts';
import { areasInWhole, viewGrantState } from '../grant/view.ts';
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
  const parties = partiesOfElevation(elevation);
  const findApprovers = () =>
    deciders ? approversIn(deciders, { mayDecide }, parties, now) : eligibleApprovers(em, { mayDecide }, parties, now);
  await em.flush();
  const [around] = await em.execute<Around[]>(`select ${shownWith} from elevation where id = ?`, [elevation.id]);
  if (!around) throw new Error('The elevation is out of sight');
  return viewOf(elevation, around, isPending(elevation, now) ? await findApprovers() : [], now);
}

/**
 * As `readCase`, in two round trips: the row with all it is shown with, in the viewer's own sight, and who could decide
 * it while it waits.
 */
export async function readElevation(
  database: Database,
  tenancy: TenancyContext,
  viewer: Subject,
  id: string,
  now: Date,
): Promise<ElevationView> {
  const found = await database.transaction(tenancy, async (em) => {
    const [row] = await executeAsLast<Around & EntityData<Elevation>>(
      em,
      `select elevation.*, ${shownWith} from elevation where id = ?`,
      [id],
    );
    if (!row) return null;
    const { people, organizations, grant, mails, ...columns } = row;
    // Read and never written: no entity of this transaction, which is over.
    return { elevation: em.fork().map(Elevation, columns), around: { people, organizations, grant, mails } };
  });
  const parties = found && partiesOfElevation(found.elevation);
  if (!parties || !maySeeRequest(viewer, parties, now).allowed) throw new Refusal('not_found');
  const { elevation, around } = found;
  if (!isPending(elevation, now)) return viewOf(elevation, around, [], now);
  const deciders = await database.standing({ administratorsOf: elevation.customerId, appointments: true });
  return viewOf(elevation, around, approversIn(asSeenBy(deciders, tenancy), { mayDecide }, parties, now), now);
}

const isPending = (elevation: Elevation, now: Date): boolean => approvalStatusAt(elevation, now) === 'pending';

function viewOf(
  elevation: Elevation,
  { people, organizations, grant, mails }: Around,
  approvers: readonly Approver[],
  now: Date,
): ElevationView {
  const nameOf = (id: string) => organizations?.find((organization) => organization.id === id)?.name ?? '';
  const requester = people?.find((person) => person.id === elevation.requesterId);
  const decider = people?.find((person) => person.id === elevation.decidedById);
  return {
    id: elevation.id,
    status: approvalStatusAt(elevation, now),
    customerId: elevation.customerId,
    customerName: nameOf(elevation.customerId),
    partnerId: elevation.partnerId,
    partnerName: nameOf(elevation.partnerId),
    requester: { id: elevation.requesterId, displayName: requester?.displayName ?? '', email: requester?.email ?? '' },
    reason: elevation.reason,
    ticket: elevation.ticket ?? null,
    durationSeconds: elevation.durationSeconds,
    areas: areasInWhole(elevation.areas),
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
  grant: (Record<'id' | 'startsAt' | 'expiresAt', string> & Pick<Grant, 'status' | 'areas'> & Optional) | null;
  mails: Partial<Record<'planned' | 'sent' | 'undeliverable', number>> | null;
}

type Optional = Record<'usedAt' | 'endedAt' | 'endReason', string | null>;

/** Of the row it is selected with. */
const shownWith = `
  (select json_agg(row) from (
     select id, display_name as "displayName", email from account
      where id in (elevation.requester_id, elevation.decided_by_id)) as row) as people,
  (select json_agg(row) from (
     select id, name from organization where id in (elevation.customer_id, elevation.partner_id)) as row) as organizations,
  (select to_json(row) from (
     select id, starts_at as "startsAt", expires_at as "expiresAt", used_at as "usedAt", status,
            ended_at as "endedAt", end_reason as "endReason", areas from "grant" where source_id = elevation.id) as row) as grant,
  (select json_object_agg(status, mails) from (
     select status, count(*) as mails from mail_delivery where row_id = elevation.id group by status) as counted) as mails`;

const grantOf = ({ startsAt, expiresAt, usedAt, endedAt, ...grant }: NonNullable<Around['grant']>) => ({
  ...grant,
  kind: 'elevation' as const,
  startsAt: new Date(startsAt),
  expiresAt: new Date(expiresAt),
  usedAt: usedAt === null ? null : new Date(usedAt),
  endedAt: endedAt === null ? null : new Date(endedAt),
});
