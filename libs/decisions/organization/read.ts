import type { z } from 'zod';
import { hasRole, isSupport, listedCustomers, organizationSight, type Subject } from '#access';
import type { organizationQuery, OrganizationView } from '#contracts';
import { databaseNow, Organization, Relationship, type EntityManager } from '#persistence';
import type { Actor } from '../decision.ts';
import { decodeCursor, pageOf } from '../page.ts';
import { subjectOf } from '../subject-of.ts';
import { requireSight } from './sight.ts';
import { viewOrganization } from './view.ts';
import { notOverAt } from '../relationship/read.ts';

/** An organization the caller may see; 404 for every other, 403 for its own people who have no role in it. */
export async function readOrganization(
  em: EntityManager,
  actor: Actor,
  organizationId: string,
): Promise<OrganizationView> {
  await requireSight(em, actor, organizationId, organizationSight, await databaseNow(em));
  return viewOrganization(await em.findOneOrFail(Organization, { id: organizationId }));
}

/** Own organizations, the customers the caller's roles list, and for the support team all; newest first. */
export async function listOrganizations(
  em: EntityManager,
  actor: Actor,
  { query, limit, cursor }: z.infer<typeof organizationQuery>,
): Promise<{ items: OrganizationView[]; nextCursor: string | null }> {
  const now = await databaseNow(em);
  const visible = await visibleOrganizations(em, await subjectOf(em, actor), now);
  const rows = await em.find(
    Organization,
    {
      $and: [
        visible === 'all' ? {} : { id: { $in: visible } },
        cursor ? { id: { $lt: decodeCursor(cursor) } } : {},
        query
          ? { $or: [{ name: { $ilike: `%${escapeLike(query)}%` } }, { slug: { $ilike: `%${escapeLike(query)}%` } }] }
          : {},
      ],
    },
    { orderBy: { id: 'desc' }, limit: limit + 1 },
  );
  const { rows: kept, nextCursor } = pageOf(rows, limit);
  return { items: kept.map(viewOrganization), nextCursor };
}

/** All for which `organizationSight` says `seen`. */
export async function visibleOrganizations(em: EntityManager, subject: Subject, now: Date): Promise<string[] | 'all'> {
  if (isSupport(subject, now)) return 'all';
  const own = subject.memberships
    .filter((membership) => (membership.until === null || membership.until > now) && hasRole(membership))
    .map((membership) => membership.organizationId);
  const visible = new Set(own);
  for (const partnerId of own) {
    const list = listedCustomers(subject, partnerId, now);
    if (list.scope === 'none') continue;
    const relationships = await em.find(Relationship, {
      partnerId,
      origin: 'provisioned',
      activeFrom: { $lte: now },
      ...notOverAt(now),
    });
    for (const { customerId } of relationships) {
      if (list.scope === 'all' || list.customerIds.includes(customerId)) visible.add(customerId);
    }
  }
  return [...visible];
}

/** What people type is looked for as it is; `%` and `_` have no meaning of their own. */
export function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, (character) => `\\${character}`);
}
