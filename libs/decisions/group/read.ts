import type { z } from 'zod';
import { peopleReach, peopleSight, type Scope } from '#access';
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
  const now = await databaseNow(em);
  const { subject, target } = await requireSight(em, actor, organizationId, peopleSight, now);
  const own = idsIn(peopleReach(subject, target, now), kind);
  const rows = await em.find(
    Group,
    {
      organizationId,
      kind,
      ...(own && { id: { $in: [...own] } }),
      ...(query && { name: { $ilike: `%${escapeLike(query)}%` } }),
      ...(cursor && { $and: [{ id: { $lt: decodeCursor(cursor) } }] }),
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
  const now = await databaseNow(em);
  const { subject, target } = await requireSight(em, actor, organizationId, peopleSight, now);
  const own = idsIn(peopleReach(subject, target, now), kind);
  const group = await em.findOne(Group, { id: groupId, organizationId, kind });
  if (!group || (own && !own.includes(groupId))) throw new Refusal('not_found');
  return viewGroup(group);
}

/** Those of the kind that a scope names; null where it is the whole tenant. */
const idsIn = (reach: Scope, kind: GroupKind): readonly string[] | null =>
  reach.kind === 'client' ? null : kind === 'group' ? reach.groupIds : reach.teamIds;

export function viewGroup({ id, organizationId, name, createdAt }: Group): GroupView {
  return { id, organizationId, name, createdAt: createdAt.toISOString() };
}
