import { isSupport, listedCustomers, maySeeRelationships, organizationSight, termStateAt } from '#access';
import { Refusal, type RelationshipQuery, type RelationshipView } from '#contracts';
import { databaseNow, Organization, Relationship, type EntityManager } from '#persistence';
import type { Actor } from '../decision.ts';
import { requireSight } from '../organization/sight.ts';
import { decodeCursor, pageOf } from '../page.ts';
import { endOf } from './end-of.ts';

/** Relationships of an organization, newest first; of a partner's only those with customers the caller lists. */
export async function listRelationships(
  em: EntityManager,
  actor: Actor,
  organizationId: string,
  { includeEnded, limit, cursor }: RelationshipQuery,
): Promise<{ items: RelationshipView[]; nextCursor: string | null }> {
  const now = await databaseNow(em);
  const rows = await em.find(
    Relationship,
    {
      $and: [
        await rowsSeenBy(em, actor, organizationId, now),
        includeEnded ? {} : notOverAt(now),
        cursor ? { id: { $lt: decodeCursor(cursor) } } : {},
      ],
    },
    { orderBy: { id: 'desc' }, limit: limit + 1 },
  );
  const { rows: kept, nextCursor } = pageOf(rows, limit);
  return { items: await viewRelationships(em, kept, now), nextCursor };
}

/** Which rows the caller may see; refuses whoever sees none. */
async function rowsSeenBy(em: EntityManager, actor: Actor, organizationId: string, now: Date) {
  const { subject, target } = await requireSight(em, actor, organizationId, organizationSight, now);
  const either = { $or: [{ partnerId: organizationId }, { customerId: organizationId }] };
  const belongs = subject.memberships.some((membership) => membership.organizationId === organizationId);
  if (isSupport(subject, now)) return either;
  const own = subject.memberships.map((membership) => membership.organizationId);
  // A customer's other partners are no business of this one.
  if (!belongs) return { customerId: organizationId, partnerId: { $in: own } };
  if (maySeeRelationships(subject, target, now).allowed) return either;
  const list = listedCustomers(subject, organizationId, now);
  if (list.scope === 'none') throw new Refusal('forbidden');
  return {
    partnerId: organizationId,
    ...(list.scope === 'some' && { customerId: { $in: [...list.customerIds] } }),
  };
}

/** To the database: neither ended nor past its term. */
export const notOverAt = (now: Date) => ({
  $and: [
    { $or: [{ activeUntil: null }, { activeUntil: { $gt: now } }] },
    { $or: [{ termEndsAt: null }, { termEndsAt: { $gt: now } }] },
  ],
});

export async function viewRelationships(
  em: EntityManager,
  rows: readonly Relationship[],
  now: Date,
): Promise<RelationshipView[]> {
  const organizations = await em.find(Organization, {
    id: { $in: [...new Set(rows.flatMap((row) => [row.partnerId, row.customerId]))] },
  });
  const nameOf = (id: string) => organizations.find((organization) => organization.id === id)?.name ?? '';
  return rows.map((row) => ({
    id: row.id,
    partnerId: row.partnerId,
    customerId: row.customerId,
    partnerName: nameOf(row.partnerId),
    customerName: nameOf(row.customerId),
    origin: row.origin,
    activeFrom: row.activeFrom.toISOString(),
    activeUntil: endOf(row)?.toISOString() ?? null,
    status: termStateAt(endOf(row), now),
  }));
}
