import type { z } from 'zod';
import { peopleSight } from '#access';
import { Refusal, type groupQuery, type GroupView } from '#contracts';
import { databaseNow, Group, type EntityManager } from '#persistence';
import type { Actor } from '../decision.ts';
import { escapeLike } from '../organization/read.ts';
import { requireSight } from '../organization/sight.ts';
import { decodeCursor, pageOf } from '../page.ts';

export type GroupKind = Group['kind'];

/** Groups or teams of an organization, newest first, for whoever may see its members. */
export async function listGroups(
  em: EntityManager,
  actor: Actor,
  organizationId: string,
  kind: GroupKind,
  { query, limit, cursor }: z.infer<typeof groupQuery>,
): Promise<{ items: GroupView[]; nextCursor: string | null }> {
  await requireSight(em, actor, organizationId, peopleSight, await databaseNow(em));
  const rows = await em.find(
    Group,
    {
      organizationId,
      kind,
      ...(query && { name: { $ilike: `%${escapeLike(query)}%` } }),
      ...(cursor && { id: { $lt: decodeCursor(cursor) } }),
    },
    { orderBy: { id: 'desc' }, limit: limit + 1 },
  );
  const { rows: kept, nextCursor } = pageOf(rows, limit);
  return { items: kept.map(viewGroup), nextCursor };
}

export async function readGroup(
  em: EntityManager,
  actor: Actor,
  organizationId: string,
  kind: GroupKind,
  groupId: string,
): Promise<GroupView> {
  await requireSight(em, actor, organizationId, peopleSight, await databaseNow(em));
  const group = await em.findOne(Group, { id: groupId, organizationId, kind });
  if (!group) throw new Refusal('not_found');
  return viewGroup(group);
}

export function viewGroup({ id, organizationId, name, createdAt }: Group): GroupView {
  return { id, organizationId, name, createdAt: createdAt.toISOString() };
}
