import type { z } from 'zod';
import { inviteSight, peopleReach } from '#access';
import { Refusal, type inviteQuery, type InviteView } from '#contracts';
import { databaseNow, Invite, type EntityManager } from '#persistence';
import type { Actor } from '../decision.ts';
import { escapeLike } from '../organization/read.ts';
import { isInReach, withinReach } from '../membership/in-reach.ts';
import { requireSight } from '../organization/sight.ts';
import { decodeCursor, pageOf } from '../page.ts';
import { viewInvites } from './view.ts';

/** Invites of an organization, newest first, for whoever sees its people. */
export async function listInvites(
  em: EntityManager,
  actor: Actor,
  organizationId: string,
  { status, query, limit, cursor }: z.infer<typeof inviteQuery>,
): Promise<{ items: InviteView[]; nextCursor: string | null }> {
  const now = await databaseNow(em);
  const { subject, target } = await requireSight(em, actor, organizationId, inviteSight, now);
  const overdue = { status: { $in: ['pending' as const, 'failed' as const] }, expiresAt: { $lte: now } };
  const rows = await em.find(
    Invite,
    {
      organizationId,
      ...withinReach(peopleReach(subject, target, now)),
      $and: [
        status === 'expired'
          ? { $or: [{ status }, overdue] }
          : status === 'pending' || status === 'failed'
            ? { status, expiresAt: { $gt: now } }
            : status
              ? { status }
              : {},
        query
          ? {
              $or: [
                { email: { $ilike: `%${escapeLike(query)}%` } },
                { displayName: { $ilike: `%${escapeLike(query)}%` } },
              ],
            }
          : {},
        cursor ? { id: { $lt: decodeCursor(cursor) } } : {},
      ],
    },
    { orderBy: { id: 'desc' }, limit: limit + 1 },
  );
  const { rows: kept, nextCursor } = pageOf(rows, limit);
  return { items: await viewInvites(em, kept, now), nextCursor };
}

export async function readInvite(
  em: EntityManager,
  actor: Actor,
  organizationId: string,
  inviteId: string,
): Promise<InviteView> {
  const now = await databaseNow(em);
  const { subject, target } = await requireSight(em, actor, organizationId, inviteSight, now);
  const row = await em.findOne(Invite, { id: inviteId, organizationId });
  const [view] = row && isInReach(subject, target, row, now) ? await viewInvites(em, [row], now) : [];
  if (!view) throw new Refusal('not_found');
  return view;
}
