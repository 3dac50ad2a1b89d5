import { isSupport, listedCustomers, maySeeRelationships, type Subject } from '#access';
import { Refusal, type RelationshipQuery, type RelationshipView } from '#contracts';
import { databaseNow, loadTarget, Organization, Relationship, type EntityManager } from '#persistence';
import type { Actor } from '../decision.ts';
import { visibleOrganizations } from '../organization/read.ts';
import { decodeCursor, pageOf } from '../page.ts';
import { subjectOf } from '../subject-of.ts';

/** Relationships of an organization, newest first; of a partner's only those with customers the caller lists. */
export async function listRelationships(
  em: EntityManager,
  actor: Actor,
  organizationId: string,
  { includeEnded, limit, cursor }: RelationshipQuery,
): Promise<{ items: RelationshipView[]; nextCursor: string | null }> {
  const now = await databaseNow(em);
  const subject = await subjectOf(em, actor);
  const rows = await em.find(
    Relationship,
    {
      $and: [
        await sightOf(em, subject, organizationId, now),
        includeEnded ? {} : { $or: [{ activeUntil: null }, { activeUntil: { $gt: now } }] },
        cursor ? { id: { $lt: decodeCursor(cursor) } } : {},
      ],
    },
    { orderBy: { id: 'desc' }, limit: limit + 1 },
  );
  const { rows: kept, nextCursor } = pageOf(rows, limit);
  return { items: await viewRelationships(em, kept), nextCursor };
}

/** Which rows the caller may see; refuses whoever sees none. */
async function sightOf(em: EntityManager, subject: Subject, organizationId: string, now: Date) {
  const target = await loadTarget(em, organizationId);
  const visible = await visibleOrganizations(em, subject, now);
  if (!target || (visible !== 'all' && !visible.includes(organizationId))) throw new Refusal('not_found');
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

export async function viewRelationships(em: EntityManager, rows: readonly Relationship[]): Promise<RelationshipView[]> {
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
    activeUntil: row.activeUntil?.toISOString() ?? null,
  }));
}
