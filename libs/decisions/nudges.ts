import { setTimeout as sleep } from 'node:timers/promises';
import { insertEvents, type WrittenEvent } from '#audit';
import { workflowId, type WorkflowType } from '#contracts';
import { asSystem, executeAsLast, type Database, type EntityManager } from '#persistence';

/** A workflow to start or to signal, and the revision of its row that it is told about. */
export interface Nudge {
  workflowType: WorkflowType;
  workflowId: string;
  rowId: string;
  revision: number;
}

/** A row whose workflow must look at it. */
export type NudgeRequest = Pick<Nudge, 'workflowType' | 'rowId'>;

/**
 * Writes, as the last words of the transaction and in one statement, what happened onto the trail and which workflows
 * must look at their rows.
 */
export async function concludeWith(
  em: EntityManager,
  events: readonly WrittenEvent[],
  requests: readonly NudgeRequest[],
): Promise<Nudge[]> {
  await em.flush();
  const trail = events.length > 0 ? insertEvents(events) : null;
  if (requests.length === 0) {
    if (trail) await executeAsLast(em, trail.sql, trail.values);
    return [];
  }
  const wanted = new Map(requests.map((request) => [workflowId(request.workflowType, request.rowId), request]));
  // By a function of the database: whoever decides neither reads nor changes what else is noted.
  const rows = await executeAsLast<{ id: string; revision: number }>(
    em,
    `${trail ? `with written as (${trail.sql})` : ''}
     select id, revision from request_nudges(?::jsonb)`,
    [
      ...(trail?.values ?? []),
      JSON.stringify([...wanted].map(([id, { workflowType: type, rowId: row }]) => ({ id, type, row }))),
    ],
  );
  return rows.flatMap(({ id, revision }) => {
    const request = wanted.get(id);
    return request ? [{ ...request, workflowId: id, revision }] : [];
  });
}

/** Marks nudges as delivered up to the revision that was sent, all by one statement; later requests stay open. */
export async function markDelivered(database: Database, nudges: readonly Nudge[]): Promise<void> {
  if (nudges.length === 0) return;
  await database.transaction(asSystem, async (em) => {
    // Locked in one order, so that two processes that mark the same ones never wait for each other.
    await em.execute(
      `with sent as materialized (
         select workflow_nudge.workflow_id, max(told.revision) as revision
           from jsonb_to_recordset(?::jsonb) as told (id text, revision int)
           join workflow_nudge on workflow_nudge.workflow_id = told.id
          group by workflow_nudge.workflow_id),
       held as materialized (
         select workflow_id from workflow_nudge where workflow_id in (select workflow_id from sent)
          order by workflow_id for update)
       update workflow_nudge
          set delivered_revision = greatest(workflow_nudge.delivered_revision, sent.revision), leased_until = null
         from sent join held on held.workflow_id = sent.workflow_id
        where workflow_nudge.workflow_id = sent.workflow_id`,
      [JSON.stringify(nudges.map(({ workflowId: id, revision }) => ({ id, revision })))],
    );
  });
}

const undelivered = `delivered_revision < requested_revision
  and requested_at < clock_timestamp() - make_interval(secs => ?)
  and (leased_until is null or leased_until < clock_timestamp())`;

/** Whether anything waits that nobody has taken: one look at a partial index that is empty almost always. */
export async function hasUndeliveredNudges(
  database: Database,
  { olderThanMilliseconds }: { olderThanMilliseconds: number },
): Promise<boolean> {
  return database.transaction(asSystem, async (em) => {
    const [row] = await em.execute<{ some: boolean }[]>(
      `select exists (select 1 from workflow_nudge where ${undelivered}) as some`,
      [olderThanMilliseconds / 1000],
    );
    return row?.some === true;
  });
}

/**
 * Takes what nobody has delivered for a while, the oldest first; the fast path gets its head start. No other worker is
 * given the same ones before the lease is over, which is also what happens to those of a worker that died.
 */
export async function leaseNudges(
  database: Database,
  {
    olderThanMilliseconds,
    leaseMilliseconds,
    limit,
  }: { olderThanMilliseconds: number; leaseMilliseconds: number; limit: number },
): Promise<Nudge[]> {
  return database.transaction(asSystem, async (em) =>
    em.execute<Nudge[]>(
      `update workflow_nudge set leased_until = clock_timestamp() + make_interval(secs => ?)
        where workflow_id in (
          select workflow_id from workflow_nudge where ${undelivered}
           order by requested_at limit ? for update skip locked)
       returning workflow_id as "workflowId", workflow_type as "workflowType", row_id as "rowId",
                 requested_revision as revision`,
      [leaseMilliseconds / 1000, olderThanMilliseconds / 1000, limit],
    ),
  );
}

/** Gives back what could not be delivered, so that whoever finds Temporal first may take it. */
export async function releaseNudges(database: Database, nudges: readonly Nudge[]): Promise<void> {
  if (nudges.length === 0) return;
  await database.transaction(asSystem, async (em) => {
    await em.execute(
      `update workflow_nudge set leased_until = null
        where workflow_id in (select jsonb_array_elements_text(?::jsonb))`,
      [JSON.stringify(nudges.map(({ workflowId: id }) => id))],
    );
  });
}

/**
 * Marks delivered nudges in batches: under load hundreds by one statement. What is not marked when the process dies is
 * delivered again by the relay, which is harmless.
 */
export class DeliveredNudges {
  #waiting: Nudge[] = [];
  #isMarking = false;

  constructor(
    private readonly database: Database,
    /** Well below the head start the relay gives. */
    private readonly everyMilliseconds = 50,
  ) {}

  /** Never rejects. */
  add(nudges: readonly Nudge[]): void {
    this.#waiting.push(...nudges);
    if (!this.#isMarking) void this.#markSoon();
  }

  async #markSoon(): Promise<void> {
    this.#isMarking = true;
    while (this.#waiting.length > 0) {
      await sleep(this.everyMilliseconds, undefined, { ref: false });
      await markDelivered(this.database, this.#waiting.splice(0)).catch(() => {});
    }
    this.#isMarking = false;
  }
}
