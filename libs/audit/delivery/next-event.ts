import type { AuditEventView } from '#contracts';
import type { EntityManager } from '#persistence';
import { viewColumns, viewEvent, type StoredEvent } from '../event-view.ts';

export interface Interest {
  /** Actions and `feature.*` patterns; null is everything. */
  actions: readonly string[] | null;
  /** The webhook: its own test reaches it whatever its patterns say. */
  webhookId: string;
}

/** What comes next in a chain for somebody who is interested in some of it. */
export interface NextEvent {
  event: AuditEventView | null;
  /** Place of the event; without one, how far there is nothing of interest. */
  position: number;
}

/** Places looked at in one go: a long stretch of nothing must not outlast the statement's time. */
const longestLook = 10_000;

/** The first sealed event of interest after the position, in the order of the organization's chain. */
export async function nextEvent(
  em: EntityManager,
  organizationId: string,
  after: number,
  { actions, webhookId }: Interest,
): Promise<NextEvent> {
  // The end is read first: what is sealed between the two statements is left for the next look.
  const [head] = await em.execute<{ position: number | null }[]>(
    'select max(position) as position from audit_seal where organization_id = ?',
    [organizationId],
  );
  const end = Math.min(head?.position ?? 0, after + longestLook);
  if (end <= after) return { event: null, position: after };
  const filter =
    actions === null
      ? ''
      : ` and (event.action = any (?::text[])
            or exists (select 1 from unnest(?::text[]) as feature where starts_with(event.action, feature))
            or (event.action in ('webhook.tested', 'channel.tested') and event.subject ->> 'id' = ?))`;
  const [row] = await em.execute<(StoredEvent & { position: number })[]>(
    `select seal.position, ${viewColumns}
       from audit_seal as seal join audit_event as event on event.id = seal.event_id
      where seal.organization_id = ? and seal.position > ? and seal.position <= ?${filter}
      order by seal.position limit 1`,
    [organizationId, after, end, ...(actions === null ? [] : [...literalsOf(actions), webhookId])],
  );
  return row ? { event: viewEvent(row), position: row.position } : { event: null, position: end };
}

/** Whole actions, and what actions of a feature begin with. The contract's pattern leaves nothing that needs quoting. */
function literalsOf(patterns: readonly string[]): [string, string] {
  const isFeature = (pattern: string) => pattern.endsWith('.*');
  const features = patterns.filter(isFeature).map((pattern) => pattern.slice(0, -1));
  return [`{${patterns.filter((pattern) => !isFeature(pattern)).join(',')}}`, `{${features.join(',')}}`];
}
