import { raw } from '@mikro-orm/postgresql';
import type { z } from 'zod';
import { peopleReach, peopleSight } from '#access';
import { Refusal, type memberQuery, type MemberView } from '#contracts';
import { databaseNow, Membership, type EntityManager } from '#persistence';
import type { Actor } from '../decision.ts';
import { escapeLike } from '../organization/read.ts';
import { requireSight } from '../organization/sight.ts';
import { decodeCursor, pageOf } from '../page.ts';
import { subjectOf } from '../subject-of.ts';
import { isInReach, withinReach } from './in-reach.ts';
import { viewMembers } from './view.ts';

/** Members of an organization, newest first; 404 for an organization the caller may not look into. */
export async function listMembers(
  em: EntityManager,
  actor: Actor,
  organizationId: string,
  { query, workspaceRole, administratorRole, kind, limit, cursor }: z.infer<typeof memberQuery>,
): Promise<{ items: MemberView[]; nextCursor: string | null }> {
  const now = await databaseNow(em);
  const { subject, target } = await requireSight(em, actor, organizationId, peopleSight, now);
  const wanted = query ? `%${escapeLike(query)}%` : null;
  const rows = await em.find(
    Membership,
    {
      organizationId,
      removedAt: null,
      ...withinReach(peopleReach(subject, target, now)),
      ...(wanted && { [named(wanted)]: [] }),
      ...(workspaceRole && { workspaceRole }),
      ...(administratorRole && { administratorRoles: { $contains: [administratorRole] } }),
      ...(kind && { kind }),
      ...(cursor && { id: { $lt: decodeCursor(cursor) } }),
    },
    { orderBy: { id: 'desc' }, limit: limit + 1 },
  );
  const { rows: kept, nextCursor } = pageOf(rows, limit);
  return { items: await viewMembers(em, organizationId, kept, now), nextCursor };
}

/** Looked for among the organization's members; the other way round everybody anywhere would be read. */
const named = (wanted: string) =>
  raw(
    (membership) =>
      `exists (select 1 from account where account.id = ${membership}.account_id and (account.display_name ilike ? or account.email ilike ?))`,
    [wanted, wanted],
  );

/** Everybody reads their own membership; of others, only who sees them learns which there are. */
export async function readMember(
  em: EntityManager,
  actor: Actor,
  organizationId: string,
  memberId: string,
): Promise<MemberView> {
  const now = await databaseNow(em);
  const subject = await subjectOf(em, actor);
  const row = await em.findOne(Membership, { id: memberId, organizationId, removedAt: null });
  if (row?.accountId !== subject.accountId) {
    const { target } = await requireSight(em, actor, organizationId, peopleSight, now);
    if (row && !isInReach(subject, target, row, now)) throw new Refusal('not_found');
  }
  if (!row) throw new Refusal('not_found');
  const [view] = await viewMembers(em, organizationId, [row], now);
  if (!view) throw new Refusal('not_found');
  return view;
}
