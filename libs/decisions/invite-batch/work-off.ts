import { createInvite as inviteSchema, errorCatalogue, Refusal } from '#contracts';
import { LockMode } from '@mikro-orm/postgresql';
import { asSystem, InviteBatch, InviteBatchRow, type EntityManager } from '#persistence';
import type { Actor, Decision } from '../decision.ts';
import { RefusedAct } from '../refuse-act.ts';
import { beginInviting, createInvite } from '../invite/create.ts';
import type { Inviting } from '../invite/inviting.ts';
import { lockRow } from '../lock.ts';

/** A second or two of work: short enough to be done again, long enough to get through thousands. */
const chunk = 100;

/** Whoever asked for the batch, as the one who invites each of its people. */
export async function inviterOf(em: EntityManager, batchId: string): Promise<Actor> {
  const { inviterKind: kind, inviterId: id } = await em.findOneOrFail(InviteBatch, { id: batchId });
  return { kind, id: id ?? null, tenancy: asSystem };
}

/**
 * Invites the next rows of a batch, each judged for itself, and returns how many are left. One transaction: a chunk is
 * done or it is not, so that working goes on after any crash and nobody is invited twice.
 */
export async function workOffInviteBatch(decision: Decision, batchId: string): Promise<number> {
  const { em } = decision;
  const batch = await lockRow(em, InviteBatch, { id: batchId });
  if (!batch || batch.finishedAt) return 0;
  const rows = await em.find(
    InviteBatchRow,
    { batchId, status: 'waiting' },
    { orderBy: { rowNumber: 'asc' }, limit: chunk, lockMode: LockMode.PESSIMISTIC_WRITE },
  );
  const inviting = rows.length > 0 ? await inviteAll(decision, batch.organizationId, rows) : null;
  await em.flush();
  const left = await em.count(InviteBatchRow, { batchId, status: 'waiting' });
  if (left > 0) return left;

  const now = inviting?.now ?? (await decision.now());
  batch.finishedAt = now;
  decision.record({
    action: 'invite-batch.finished',
    organizationIds: [batch.organizationId],
    subject: { kind: 'invite-batch', id: batchId },
    at: now,
  });
  return 0;
}

async function inviteAll(decision: Decision, organizationId: string, rows: InviteBatchRow[]): Promise<Inviting | null> {
  let inviting: Inviting;
  try {
    inviting = await beginInviting(decision, organizationId);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    for (const row of rows) fail(row, error);
    return null;
  }
  for (const row of rows) {
    try {
      const { invite, isNew } = await createInvite(decision, inviting, inviteSchema.parse(row.input));
      row.status = isNew ? 'invited' : 'already_invited';
      row.inviteId = invite.id;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (error.code === 'already_member') row.status = 'member';
      else fail(row, error);
      if (error instanceof RefusedAct) recordRefusal(decision, error, inviting.now);
    }
  }
  return inviting;
}

function fail(row: InviteBatchRow, { code, details }: Refusal): void {
  const errors = Array.isArray(details['errors']) ? (details['errors'] as { message: string }[]) : [];
  row.status = 'failed';
  row.code = code;
  row.message = [errorCatalogue[code].title, ...errors.map(({ message }) => message)].join(': ');
}

function recordRefusal(decision: Decision, { act, code }: RefusedAct, at: Date): void {
  decision.record({ ...act, outcome: 'refused', facts: { code }, at });
}
