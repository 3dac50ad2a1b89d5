import { z } from 'zod';
import { Refusal, type AuditEventView, type AuditQuery } from '#contracts';
import type { EntityManager } from '#persistence';
import { viewColumns, viewEvent, type StoredEvent } from './event-view.ts';

export interface AuditEventPage {
  items: AuditEventView[];
  nextCursor: string | null;
}

/**
 * Where the next page begins. Unsealed events come first, by order of recording; then the sealed ones by position.
 * What was shown unsealed and is sealed meanwhile has a higher position than any of these, so nothing comes twice.
 */
const cursorShape = z.strictObject({
  position: z.int().nullable(),
  recordedOrder: z
    .string()
    .regex(/^\d{1,19}$/)
    .nullable(),
});
type Cursor = z.infer<typeof cursorShape>;

interface Row extends StoredEvent {
  recordedOrder: string;
}

/** What a page filters by beside what programs do: days, and everybody whom a name may mean. */
export interface EventQuery extends AuditQuery {
  /** ISO moment; events from then on. */
  from?: string | undefined;
  /** ISO moment; events before it. */
  before?: string | undefined;
  actorIds?: readonly string[] | undefined;
}

interface Filter {
  name: 'action' | 'outcome' | 'subjectId' | 'actorId' | 'from' | 'before' | 'actorIds';
  conditionFor: (value: string) => string;
}

/** Each filter of a query and its condition, to which the value is bound. */
const filters: readonly Filter[] = [
  // `elevation.` stands for everything of the feature.
  {
    name: 'action',
    conditionFor: (action) => (action.endsWith('.') ? 'starts_with(event.action, ?)' : 'event.action = ?'),
  },
  { name: 'outcome', conditionFor: () => 'event.outcome = ?' },
  { name: 'subjectId', conditionFor: () => 'event.subject_id = ?' },
  { name: 'actorId', conditionFor: () => 'event.actor_id = ?' },
  { name: 'from', conditionFor: () => 'event.at >= ?::timestamptz' },
  { name: 'before', conditionFor: () => 'event.at < ?::timestamptz' },
  { name: 'actorIds', conditionFor: () => 'event.actor_id = any(?::text[])' },
];

/** An organization's events, newest first. The caller has checked that the trail may be read. */
export async function listEvents(
  em: EntityManager,
  organizationId: string,
  query: EventQuery,
): Promise<AuditEventPage> {
  const cursor = query.cursor === undefined ? null : parseCursor(query.cursor);
  const rows = await selectRows(em, organizationId, query, cursor);
  const page = rows.slice(0, query.limit);
  const last = page.at(-1);
  return {
    items: page.map(viewEvent),
    nextCursor: last && rows.length > query.limit ? formatCursor(last, cursor) : null,
  };
}

async function selectRows(
  em: EntityManager,
  organizationId: string,
  query: EventQuery,
  cursor: Cursor | null,
): Promise<Row[]> {
  const conditions: string[] = [];
  const bound: string[] = [];
  for (const { name, conditionFor } of filters) {
    const value = query[name];
    if (value === undefined) continue;
    const text = typeof value === 'string' ? value : `{${value.join(',')}}`;
    conditions.push(conditionFor(text));
    bound.push(text);
  }
  if (cursor?.recordedOrder) {
    conditions.push('event.recorded_order < ?');
    bound.push(cursor.recordedOrder);
  }
  const filtered = conditions.map((condition) => ` and ${condition}`).join('');
  const columns = `${viewColumns}, event.recorded_order as "recordedOrder"`;
  const limit = query.limit + 1;

  const unsealed = `(select null::int as position, ${columns} from audit_event as event
    where event.sealed_at is null and event.organization_ids @> array[?::uuid]${filtered}
    order by event.recorded_order desc limit ?)`;
  const sealed = `(select seal.position, ${columns} from audit_seal as seal join audit_event as event on event.id = seal.event_id
    where seal.organization_id = ? and seal.position < ?${filtered}
    order by seal.position desc limit ?)`;
  const sealedBound = [organizationId, cursor?.position ?? maximumPosition, ...bound, limit];

  // One statement, so one snapshot: an event that is sealed at this moment is seen once.
  if (cursor?.position) return em.execute<Row[]>(sealed, sealedBound);
  return em.execute<Row[]>(
    `${unsealed} union all ${sealed} order by position desc nulls first, "recordedOrder" desc limit ?`,
    [organizationId, ...bound, limit, ...sealedBound, limit],
  );
}

const maximumPosition = 2 ** 31 - 1;

function formatCursor(last: Row, previous: Cursor | null): string {
  const next: Cursor =
    last.position === null
      ? { position: null, recordedOrder: last.recordedOrder }
      : { position: last.position, recordedOrder: previous?.recordedOrder ?? null };
  return Buffer.from(JSON.stringify(next)).toString('base64url');
}

function parseCursor(text: string): Cursor {
  try {
    return cursorShape.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  } catch {
    throw new Refusal('invalid_cursor');
  }
}
