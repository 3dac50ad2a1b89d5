import { mayDecide, maySeeRequest, type Subject } from '#access';
import type { ElevationQuery, ElevationView } from '#contracts';
import { Account, databaseNow, Elevation, Grant, Organization, type EntityManager } from '#persistence';
import { eligibleApprovers } from '../approval/approvers.ts';
import { sidesInSight } from '../approval/read.ts';
import { approvalStatusAt, inStatusAt, settledAt } from '../approval/status.ts';
import { viewGrantState } from '../grant/view.ts';
import { countMails } from '../mail-delivery/index.ts';
import { decodeCursor, newestOf, pageOf } from '../page.ts';
import { partiesOfElevation } from './parties.ts';

/** Elevations the viewer may see, newest first. */
export async function listElevations(
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

export async function viewElevation(em: EntityManager, elevation: Elevation, now: Date): Promise<ElevationView> {
  const grant = await em.findOne(Grant, { sourceId: elevation.id });
  const people = await em.find(Account, {
    id: { $in: [elevation.requesterId, elevation.decidedById].filter((id) => id !== null && id !== undefined) },
  });
  const organizations = await em.find(Organization, { id: { $in: [elevation.customerId, elevation.partnerId] } });
  const nameOf = (id: string) => organizations.find((organization) => organization.id === id)?.name ?? '';
  const requester = people.find((person) => person.id === elevation.requesterId);
  const decider = people.find((person) => person.id === elevation.decidedById);
  const status = approvalStatusAt(elevation, now);
  const approvers =
    status === 'pending' ? await eligibleApprovers(em, { mayDecide }, partiesOfElevation(elevation), now) : [];
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
    notifications: await countMails(em, { rowId: elevation.id }),
    grant: grant && viewGrantState(grant, now),
  };
}
