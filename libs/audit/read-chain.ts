import type { Database, EntityManager, TenancyContext } from '#persistence';
import type { ChainedEvent } from './chain.ts';
import type { SignedCheckpoint } from './signing.ts';

/** Rows a page holds: what is in memory at a time, and how long a transaction is at most. */
const pageSize = 1000;

/** A seal whose event is gone. */
export interface MissingEvent {
  position: number;
  missingId: string;
}

/** The signed head of a tree (C2SP tlog-checkpoint), with what it stands beside. */
export interface TreeCheckpoint {
  note: string;
  /** The tree's size, and the chain's hash there; both told beside the note, which vouches for neither. */
  position: number;
  hash: string;
  /** When it was signed, as the service says: ISO 8601, UTC, milliseconds. */
  at: string;
}

export interface ChainEnd {
  checkpoint: SignedCheckpoint | TreeCheckpoint | null;
  publicKey: string | null;
  /** The highest position there is a seal for, whether the checkpoint covers it or not. */
  lastPosition: number;
}

/** SQL for the sealed content of `event`, named as in ChainedEvent. */
export const sealedColumns = `event.id, event.action, event.actor, to_jsonb(event.organization_ids) as "organizationIds",
  event.subject, event.outcome, event.facts, event.personal_digest as "personalDigest", event.grant_id as "grantId",
  to_char(event.at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at`;

/** How far the chain goes at this moment, in one snapshot with its checkpoint. */
export async function readChainEnd(em: EntityManager, organizationId: string): Promise<ChainEnd> {
  const [row] = await em.execute<(Omit<SignedCheckpoint, 'organizationId'> & EndRow)[]>(
    `select checkpoint.position, checkpoint.hash, checkpoint.key_id as "keyId", checkpoint.signature, checkpoint.note,
       checkpoint.public_key as "publicKey",
       to_char(checkpoint.at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at,
       coalesce((select max(position) from audit_seal where organization_id = wanted.id), 0) as "lastPosition"
     from (select ?::uuid as id) as wanted left join audit_checkpoint as checkpoint on checkpoint.organization_id = wanted.id`,
    [organizationId],
  );
  if (!row) throw new Error('The database did not tell the end of the chain');
  const { publicKey, lastPosition, note, keyId, signature, ...head } = row;
  const end = { publicKey, lastPosition };
  if (publicKey === null) return { ...end, checkpoint: null };
  return { ...end, checkpoint: note === null ? { organizationId, ...head, keyId, signature } : { ...head, note } };
}

interface EndRow extends Omit<ChainEnd, 'checkpoint'> {
  note: string | null;
}

/**
 * The chain in order of position, page by page, each page in a transaction of its own: a slow reader holds nothing.
 * Sealed positions never change, so the pages fit each other.
 */
export async function* readChain(
  database: Database,
  context: TenancyContext,
  organizationId: string,
  lastPosition: number,
): AsyncGenerator<ChainedEvent | MissingEvent> {
  let position = 0;
  while (position < lastPosition) {
    const after = position;
    const page = await database.transaction(context, (em) => readPage(em, organizationId, after, lastPosition));
    for (const row of page) yield row.id === null ? { position: row.position, missingId: row.missingId } : row.event;
    const last = page.at(-1);
    if (!last) return;
    position = last.position;
  }
}

type Row = { position: number; id: null; missingId: string } | { position: number; id: string; event: ChainedEvent };

async function readPage(em: EntityManager, organizationId: string, after: number, last: number): Promise<Row[]> {
  const rows = await em.execute<(ChainedEvent & { eventId: string })[]>(
    `select seal.position, seal.event_id as "eventId", seal.previous_hash as "previousHash", seal.hash, ${sealedColumns},
       event.personal, event.salt
     from audit_seal as seal left join audit_event as event on event.id = seal.event_id
     where seal.organization_id = ? and seal.position > ? and seal.position <= ?
     order by seal.position limit ?`,
    [organizationId, after, last, pageSize],
  );
  return rows.map(({ eventId, ...event }) =>
    event.id === null
      ? { position: event.position, id: null, missingId: eventId }
      : { position: event.position, id: event.id, event },
  );
}

/** One event in its place; null where it is not sealed in this organization's chain, or is gone. */
export async function readChainEvent(
  em: EntityManager,
  organizationId: string,
  eventId: string,
): Promise<ChainedEvent | null> {
  const [event] = await em.execute<ChainedEvent[]>(
    `select seal.position, seal.previous_hash as "previousHash", seal.hash, ${sealedColumns}, event.personal, event.salt
     from audit_seal as seal join audit_event as event on event.id = seal.event_id
     where seal.organization_id = ? and seal.event_id = ?`,
    [organizationId, eventId],
  );
  return event ?? null;
}
