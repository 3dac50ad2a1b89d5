import type { z } from 'zod';
import { access, isSupport, permits, type Subject } from '#access';
import { Refusal, type memberQuery, type MemberView } from '#contracts';
import { Account, databaseNow, loadTarget, Membership, type EntityManager } from '#persistence';
import type { Actor } from '../decision.ts';
import { escapeLike } from '../organization/read.ts';
import { decodeCursor, pageOf } from '../page.ts';
import { subjectOf } from '../subject-of.ts';
import { viewMembers } from './view.ts';

/** Any of these opens the list of members. */
const readingRights = [
  ['workspace.read', 'use'],
  ['users_and_licences', 'read'],
  ['assign_administrator_roles', 'read'],
  ['partner.assign_administrator_roles', 'read'],
] as const;

/** Members of an organization, newest first; 404 for an organization the caller may not look into. */
export async function listMembers(
  em: EntityManager,
  actor: Actor,
  organizationId: string,
  { query, workspaceRole, administratorRole, kind, limit, cursor }: z.infer<typeof memberQuery>,
): Promise<{ items: MemberView[]; nextCursor: string | null }> {
  const now = await databaseNow(em);
  await requireMemberSight(em, await subjectOf(em, actor), organizationId, now);
  const wanted = query ? `%${escapeLike(query)}%` : null;
  const found = wanted
    ? await em.find(
        Account,
        { $or: [{ displayName: { $ilike: wanted } }, { email: { $ilike: wanted } }] },
        { fields: ['id'], limit: 5_000 },
      )
    : null;
  const rows = await em.find(
    Membership,
    {
      organizationId,
      removedAt: null,
      ...(found && { accountId: { $in: found.map((account) => account.id) } }),
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

export async function readMember(
  em: EntityManager,
  actor: Actor,
  organizationId: string,
  memberId: string,
): Promise<MemberView> {
  const now = await databaseNow(em);
  const subject = await subjectOf(em, actor);
  const row = await em.findOne(Membership, { id: memberId, organizationId, removedAt: null });
  if (!row) throw new Refusal('not_found');
  if (row.accountId !== subject.accountId) await requireMemberSight(em, subject, organizationId, now);
  const [view] = await viewMembers(em, organizationId, [row], now);
  if (!view) throw new Refusal('not_found');
  return view;
}

export async function requireMemberSight(
  em: EntityManager,
  subject: Subject,
  organizationId: string,
  now: Date,
): Promise<void> {
  const target = await loadTarget(em, organizationId);
  if (!target) throw new Refusal('not_found');
  // The support team sees who is Owner, since only it changes Owners.
  if (isSupport(subject, now)) return;
  if (readingRights.some(([setting, action]) => permits(access(subject, target, setting, now), action))) return;
  throw new Refusal(
    subject.memberships.some((membership) => membership.organizationId === organizationId) ? 'forbidden' : 'not_found',
  );
}
