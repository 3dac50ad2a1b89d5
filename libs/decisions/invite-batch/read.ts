import { inviteSight, isSupport, mayManageInvites } from '#access';
import { Refusal, type InviteBatchView } from '#contracts';
import { databaseNow, InviteBatch, InviteBatchRow, type EntityManager } from '#persistence';
import type { Actor } from '../decision.ts';
import { requireSight } from '../organization/sight.ts';

/** How far a bulk invite is, for those who may invite there; readable while it runs. */
export async function readInviteBatch(
  em: EntityManager,
  actor: Actor,
  organizationId: string,
  batchId: string,
): Promise<InviteBatchView> {
  const now = await databaseNow(em);
  const { subject, target } = await requireSight(em, actor, organizationId, inviteSight, now);
  if (!isSupport(subject, now) && !mayManageInvites(subject, target, now).allowed) throw new Refusal('forbidden');
  const batch = await em.findOne(InviteBatch, { id: batchId, organizationId });
  if (!batch) throw new Refusal('not_found');
  return viewInviteBatch(em, batch);
}

export async function viewInviteBatch(em: EntityManager, batch: InviteBatch): Promise<InviteBatchView> {
  const counts = await em.execute<{ status: InviteBatchRow['status']; count: number }[]>(
    'select status, count(*)::int as count from invite_batch_row where batch_id = ? group by status',
    [batch.id],
  );
  const count = (status: InviteBatchRow['status']) => counts.find((row) => row.status === status)?.count ?? 0;
  const total = counts.reduce((sum, row) => sum + row.count, 0);
  const failed = await em.find(
    InviteBatchRow,
    { batchId: batch.id, status: 'failed' },
    { orderBy: { rowNumber: 'asc' } },
  );
  return {
    id: batch.id,
    organizationId: batch.organizationId,
    status: batch.finishedAt ? 'finished' : 'running',
    total,
    done: total - count('waiting'),
    invited: count('invited'),
    alreadyInvited: count('already_invited'),
    members: count('member'),
    failed: count('failed'),
    rows: failed.map(({ rowNumber, line, input, code, message }) => ({
      row: rowNumber,
      line: line ?? null,
      email: emailIn(input),
      code: code ?? 'internal_error',
      message: message ?? '',
    })),
    createdAt: batch.createdAt.toISOString(),
    finishedAt: batch.finishedAt?.toISOString() ?? null,
  };
}

/** Whatever was sent as the address, so that the row is found again. */
export function emailIn(input: unknown): string | null {
  const email = typeof input === 'object' && input !== null && 'email' in input ? input.email : null;
  return typeof email === 'string' ? email.slice(0, 254) : null;
}
