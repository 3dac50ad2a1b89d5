import { verifyChain } from '#audit';
import { asSystem } from '#persistence';
import { eventually } from './eventually.ts';
import type { ProcessService } from './process-service.ts';
import type { Told } from './running-load.ts';

type Service = Pick<ProcessService, 'database' | 'temporal' | 'mail'>;

export interface Standing {
  id: string;
  feature: Told['feature'];
  status: string;
  grant: string | null;
  /** Actions of the row's changes in the order in which they happened; a list of lists where its organizations' trails differ. */
  events: unknown;
}

/** Everything the four features hold, as it is written down: rows, grants and events. */
export async function standing({ database }: Service): Promise<Map<string, Standing>> {
  const rows = await database.transaction(asSystem, (em) =>
    em.execute<(Omit<Standing, 'events'> & { events: string[][] })[]>(`
      with request as (
        select id, 'elevation' as feature, status from elevation
        union all select id, 'invite', status from invite
        union all select id, 'help-desk-session', null from help_desk_session
        union all select id, 'external-administrator', status from external_administrator_request
      )
      select request.id, feature, coalesce(request.status, "grant".status) as status, "grant".status as "grant",
             (select json_agg(distinct trail) from (
               select json_agg(action order by at, event.id)::jsonb as trail
                 from audit_event event, unnest(event.organization_ids) as organization_id
                where event.subject->>'id' = request.id::text and event.outcome = 'success'
                group by organization_id) of_each) as events
        from request left join "grant" on "grant".source_id = request.id`),
  );
  return new Map(
    rows.map(({ events, ...row }) => [row.id, { ...row, events: events.length === 1 ? events[0] : events }]),
  );
}

/** What still waits to be done, by name; empty where nothing does. */
async function waiting({ database }: Service): Promise<Record<string, number>> {
  const [counts = {}] = await database.transaction(asSystem, (em) =>
    em.execute<Record<string, number>[]>(`
      select (select count(*)::int from workflow_nudge where delivered_revision < requested_revision) as nudges,
             (select count(*)::int from mail_delivery where status = 'planned') as mails,
             (select count(*)::int from elevation where status = 'pending') as elevations,
             (select count(*)::int from invite where status = 'pending') as invites,
             (select count(*)::int from external_administrator_request where status = 'pending') as requests,
             (select count(*)::int from "grant" where status = 'active') as grants,
             (select count(*)::int from audit_event event
               where not exists (select from audit_seal seal where seal.event_id = event.id)) as events`),
  );
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}

/**
 * Waits until nothing is left to do: no nudge, mail, overdue row, unsealed event or running workflow.
 * @returns after how many seconds nothing of each kind waited any more
 */
export async function caughtUp(service: Service, milliseconds: number): Promise<Record<string, number>> {
  const start = performance.now();
  const seconds: Record<string, number> = {};
  await eventually(async () => {
    const left = { ...(await waiting(service)), workflows: await runningWorkflows(service) };
    const kinds = Object.entries(left).filter(([, count]) => count > 0);
    for (const [kind] of kinds) seconds[kind] = Math.round((performance.now() - start) / 100) / 10;
    if (kinds.length > 0) throw new Error(`Still waiting: ${JSON.stringify(left)}`);
  }, milliseconds);
  return seconds;
}

async function runningWorkflows({ temporal }: Service): Promise<number> {
  const { count } = await temporal.client.workflow.count("ExecutionStatus = 'Running'");
  return count;
}

/** Workflows that ended in any other way than by their own last line, and rows whose nudged workflow never was. */
export async function unfinishedRuns({ temporal, database }: Service): Promise<string[]> {
  const completed = new Set<string>();
  const unfinished: string[] = [];
  for await (const { workflowId, status } of temporal.client.workflow.list()) {
    if (status.name === 'COMPLETED') completed.add(workflowId);
    else unfinished.push(`${workflowId} ${status.name}`);
  }
  const nudged = await database.transaction(asSystem, (em) =>
    em.execute<{ workflow_id: string }[]>('select workflow_id from workflow_nudge'),
  );
  const missing = nudged.map((row) => row.workflow_id).filter((id) => !completed.has(id));
  return [...unfinished, ...missing.map((id) => `${id} missing`)];
}

/** Mails of one kind about one row to one person with more than one Message-ID: a double a reader would notice. */
export async function doubledMails({ mail, database }: Service): Promise<string[]> {
  const rows = await database.transaction(asSystem, (em) =>
    em.execute<{ id: string }[]>('select distinct row_id as id from mail_delivery'),
  );
  const ids = new Set<string>();
  const doubled: string[] = [];
  const seen = new Map<string, string>();
  for (const { id } of rows) ids.add(id);
  for (const { kind, to, text, messageId } of mail.mails()) {
    const about = text.match(/[0-9a-f]{8}-[0-9a-f-]{27}/g)?.find((id) => ids.has(id));
    if (!about) continue;
    const key = `${kind} to ${to[0]} about ${about}`;
    if ((seen.get(key) ?? messageId) !== messageId) doubled.push(key);
    seen.set(key, messageId);
  }
  return doubled;
}

/** Organizations whose trail does not verify. */
export async function brokenTrails({ database }: Service): Promise<string[]> {
  const organizations = await database.transaction(asSystem, (em) =>
    em.execute<{ id: string }[]>('select distinct organization_id as id from audit_seal'),
  );
  const broken: string[] = [];
  for (const { id } of organizations) {
    const { valid, firstInvalid } = await verifyChain(database, asSystem, id);
    if (!valid) broken.push(`${id}: ${JSON.stringify(firstInvalid)}`);
  }
  return broken;
}
