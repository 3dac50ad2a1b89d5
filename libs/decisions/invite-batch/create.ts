import { mayManageInvites } from '#access';
import { createInvite as inviteSchema } from '#contracts';
import { InviteBatch, InviteBatchRow } from '#persistence';
import type { Decision } from '../decision.ts';
import { beginInviting } from '../invite/create.ts';
import { refuseAct } from '../refuse-act.ts';
import { emailIn } from './read.ts';

/** A row as it was sent; `line` where it came from a file. */
export interface SentRow {
  input: unknown;
  line: number | null;
  /** What is wrong with the row before anybody looks at what it says. */
  wrong?: string;
}

const atOnce = 1_000;

/**
 * Keeps the rows of a bulk invite and has them worked off. What is no invite at all comes back at once; the inviter's
 * right and everything else is judged row by row, when the row's turn comes.
 */
export async function createInviteBatch(
  decision: Decision,
  organizationId: string,
  rows: readonly SentRow[],
): Promise<InviteBatch> {
  const { em, actor } = decision;
  const { subject, target, now } = await beginInviting(decision, organizationId);
  const ruling = mayManageInvites(subject, target, now);
  if (!ruling.allowed) {
    return refuseAct(
      {
        action: 'invite-batch.created',
        organizationIds: [organizationId],
        subject: { kind: 'organization', id: organizationId },
      },
      ruling.code,
    );
  }

  const batch = em.create(InviteBatch, {
    organizationId,
    inviterKind: actor.kind === 'clock' ? 'support' : actor.kind,
    inviterId: actor.id,
    createdAt: now,
  });
  await em.flush();
  const kept = rows.map(({ input, line, wrong: sent }, index) => {
    const wrong = sent ?? whatIsWrong(input);
    return {
      batchId: batch.id,
      rowNumber: index + 1,
      organizationId,
      line,
      // Of what is no invite no more is kept than what tells which row it was.
      input: wrong === null ? input : { email: storable(emailIn(input)) },
      status: wrong ? ('failed' as const) : ('waiting' as const),
      code: wrong && 'invalid_request',
      message: storable(wrong),
    };
  });
  for (let first = 0; first < kept.length; first += atOnce)
    await em.insertMany(InviteBatchRow, kept.slice(first, first + atOnce));
  decision.record({
    action: 'invite-batch.created',
    by: ruling.by,
    organizationIds: [organizationId],
    subject: { kind: 'invite-batch', id: batch.id },
    facts: { rows: rows.length, invalid: kept.filter(({ status }) => status === 'failed').length },
    at: now,
  });
  await decision.nudge('inviteBatch', batch.id);
  return batch;
}

/** PostgreSQL takes neither a NUL nor half a letter. */
const storable = (text: string | null): string | null =>
  text === null ? null : text.slice(0, 2_000).toWellFormed().replaceAll('\0', '\uFFFD');

function whatIsWrong(input: unknown): string | null {
  const { error } = inviteSchema.safeParse(input);
  if (!error) return null;
  return error.issues
    .slice(0, 5)
    .map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message))
    .join('; ');
}
