import { isSupport } from '#access';
import { Refusal, type SupportActionQuery, type SupportActionView } from '#contracts';
import { Account, databaseNow, SupportAction, type EntityManager } from '#persistence';
import type { Actor } from '../decision.ts';
import { decodeCursor, pageOf } from '../page.ts';
import { subjectOf } from '../subject-of.ts';
import { supportActionStatusAt } from './status.ts';

/** What the support team proposed, newest first; nobody else knows that there is such a list. */
export async function listSupportActions(
  em: EntityManager,
  actor: Actor,
  { status, limit, cursor }: SupportActionQuery,
): Promise<{ items: SupportActionView[]; nextCursor: string | null }> {
  const now = await requireSupport(em, actor);
  const rows = await em.find(
    SupportAction,
    {
      ...(cursor && { id: { $lt: decodeCursor(cursor) } }),
      ...(status === 'pending' && { status, decideBy: { $gt: now } }),
      ...(status === 'expired' && { status: 'pending', decideBy: { $lte: now } }),
      ...((status === 'confirmed' || status === 'cancelled') && { status }),
    },
    { orderBy: { id: 'desc' }, limit: limit + 1 },
  );
  const { rows: kept, nextCursor } = pageOf(rows, limit);
  return { items: await viewSupportActions(em, kept, now), nextCursor };
}

export async function readSupportAction(em: EntityManager, actor: Actor, id: string): Promise<SupportActionView> {
  const now = await requireSupport(em, actor);
  const row = await em.findOne(SupportAction, { id });
  const [view] = row ? await viewSupportActions(em, [row], now) : [];
  if (!view) throw new Refusal('not_found');
  return view;
}

async function requireSupport(em: EntityManager, actor: Actor): Promise<Date> {
  const now = await databaseNow(em);
  if (!isSupport(await subjectOf(em, actor), now)) throw new Refusal('not_found');
  return now;
}

export async function viewSupportActions(
  em: EntityManager,
  rows: readonly SupportAction[],
  now: Date,
): Promise<SupportActionView[]> {
  const ids = rows.flatMap(({ proposedById, decidedById }) => [proposedById, ...(decidedById ? [decidedById] : [])]);
  const people = new Map((await em.find(Account, { id: { $in: [...new Set(ids)] } })).map((one) => [one.id, one]));
  const person = (id: string) => ({
    id,
    displayName: people.get(id)?.displayName ?? '',
    email: people.get(id)?.email ?? '',
  });
  return rows.map((row) => ({
    id: row.id,
    act: row.act,
    reason: row.reason,
    status: supportActionStatusAt(row, now),
    proposedBy: person(row.proposedById),
    proposedAt: row.createdAt.toISOString(),
    decideBy: row.decideBy.toISOString(),
    decidedBy: row.decidedById ? person(row.decidedById) : null,
    decidedAt: row.decidedAt?.toISOString() ?? null,
  }));
}
