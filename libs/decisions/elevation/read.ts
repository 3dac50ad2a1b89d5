import { maySeeElevation, type Subject } from '#access';
import { Refusal, type ElevationQuery, type ElevationView } from '#contracts';
import { Account, databaseNow, Elevation, Grant, Organization, type EntityManager } from '#persistence';
import { countMails } from '../mail-delivery/index.ts';
import { decodeCursor, pageOf } from '../page.ts';
import { eligibleApprovers } from './approvers.ts';
import { elevationStatusAt, grantStatusAt, partiesOf } from './find.ts';

/** One elevation as both sides see it; 404 for everybody else. */
export async function readElevation(em: EntityManager, viewer: Subject, elevationId: string): Promise<ElevationView> {
  const elevation = await em.findOne(Elevation, { id: elevationId });
  const now = await databaseNow(em);
  if (!elevation || !maySeeElevation(viewer, partiesOf(elevation), now).allowed) throw new Refusal('not_found');
  return viewElevation(em, elevation, now);
}

/** Elevations the viewer may see, newest first. */
export async function listElevations(
  em: EntityManager,
  viewer: Subject,
  { customerId, partnerId, status, limit, cursor }: ElevationQuery,
): Promise<{ items: ElevationView[]; nextCursor: string | null }> {
  const now = await databaseNow(em);
  const rows = await em.find(
    Elevation,
    {
      ...(customerId && { customerId }),
      ...(partnerId && { partnerId }),
      ...(cursor && { id: { $lt: decodeCursor(cursor) } }),
      ...(status && statusFilter(status, now)),
      $or: visibleTo(viewer, now),
    },
    { orderBy: { id: 'desc' }, limit: limit + 1 },
  );
  const { rows: kept, nextCursor } = pageOf(rows, limit);
  const items: ElevationView[] = [];
  for (const row of kept) items.push(await viewElevation(em, row, now));
  return { items, nextCursor };
}

/** The rule of sight, asked once per organization instead of once per row. */
function visibleTo(viewer: Subject, now: Date) {
  const sees = (parties: { partnerId: string; customerId: string }) =>
    maySeeElevation(viewer, { requesterAccountId: '', ...parties }, now).allowed;
  const own = viewer.memberships.map((membership) => membership.organizationId);
  return [
    // The bootstrap support token is nobody.
    ...(viewer.accountId ? [{ requesterId: viewer.accountId }] : []),
    { customerId: { $in: own.filter((id) => sees({ customerId: id, partnerId: '' })) } },
    { partnerId: { $in: own.filter((id) => sees({ customerId: '', partnerId: id })) } },
  ];
}

function statusFilter(status: Elevation['status'], now: Date) {
  if (status === 'pending') return { status, decideBy: { $gt: now } };
  if (status === 'expired')
    return { $and: [{ $or: [{ status }, { status: 'pending' as const, decideBy: { $lte: now } }] }] };
  return { status };
}

export async function viewElevation(em: EntityManager, elevation: Elevation, now: Date): Promise<ElevationView> {
  const grant = await em.findOne(Grant, { sourceId: elevation.id });
  const people = await em.find(Account, {
    id: { $in: [elevation.requesterId, elevation.decidedById].filter((id) => id !== null && id !== undefined) },
  });
  const organizations = await em.find(Organization, { id: { $in: [elevation.customerId, elevation.partnerId] } });
  const nameOf = (id: string) => organizations.find((organization) => organization.id === id)?.name ?? '';
  const requester = people.find((person) => person.id === elevation.requesterId);
  const decider = people.find((person) => person.id === elevation.decidedById);
  const status = elevationStatusAt(elevation, now);
  const approvers = status === 'pending' ? await eligibleApprovers(em, partiesOf(elevation), now) : [];
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
    decidedAt: status === 'expired' ? elevation.decideBy.toISOString() : (elevation.decidedAt?.toISOString() ?? null),
    decidedBy: decider ? { id: decider.id, displayName: decider.displayName } : null,
    decisionReason: elevation.decisionReason ?? null,
    unexpected: elevation.unexpected,
    eligibleApprovers: { count: approvers.length, names: approvers.map((approver) => approver.displayName) },
    notifications: await countMails(em, { rowId: elevation.id }),
    grant: grant && viewGrantState(grant, now),
  };
}

export function viewGrantState(grant: Grant, now: Date): NonNullable<ElevationView['grant']> {
  const status = grantStatusAt(grant, now);
  return {
    id: grant.id,
    startsAt: grant.startsAt.toISOString(),
    expiresAt: grant.expiresAt.toISOString(),
    usedAt: grant.usedAt?.toISOString() ?? null,
    status,
    endedAt: status === 'expired' ? grant.expiresAt.toISOString() : (grant.endedAt?.toISOString() ?? null),
    endReason: grant.endReason ?? null,
  };
}
