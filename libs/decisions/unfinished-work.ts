import { workflowId, workflowTypes, type WorkflowType } from '#contracts';
import { asSystem, type Database } from '#persistence';
import { approvalFlows } from './approval/registry.ts';

/** A row that its workflow has, or may have, something left to do for. */
export interface UnfinishedWork {
  workflowType: WorkflowType;
  workflowId: string;
  rowId: string;
}

const pending = Object.fromEntries(
  approvalFlows.map(({ workflowType, table }) => [
    workflowType,
    `select id as row_id, decide_by as due_at from "${table}" where status = 'pending'`,
  ]),
);

/** What goes on waiting behind a yes, or without one. */
const beyondApproval: Readonly<Partial<Record<WorkflowType, string>>> = {
  elevation: `
    select source_id as row_id, expires_at as due_at from "grant" where status = 'active' and kind = 'elevation'`,
  helpDeskSession: `
    select source_id as row_id, expires_at as due_at from "grant" where status = 'active' and kind = 'help_desk_session'`,
  externalAdministrator: `
    select request.id as row_id, membership.until as due_at
      from membership join external_administrator_request request
        on request.membership_id = membership.id and request.status = 'approved' and request.ended_as is null
     where membership.until is not null and membership.removed_at is null`,
  invite: `select id as row_id, expires_at as due_at from invite where status in ('pending', 'failed')`,
  inviteBatch: `select id as row_id, created_at as due_at from invite_batch where finished_at is null`,
  passwordReset: `
    select id as row_id, null::timestamptz as due_at
      from password_reset where used_at is null and expires_at > clock_timestamp()`,
};

const types = Object.values(workflowTypes);

/**
 * The rows of each workflow that wait for time or for somebody, and when time's turn comes (null: never, somebody ends it).
 * Each reads a partial index, so it costs what is open and not what there ever was. None for workflows that tell at once:
 * what those leave behind are planned mails.
 */
const waiting = new Map(
  types.flatMap((type): [WorkflowType, string][] => {
    const rows = [pending[type], beyondApproval[type]].filter((part) => part !== undefined);
    return rows.length > 0 ? [[type, rows.join(' union all ')]] : [];
  }),
);

const idOf = (type: WorkflowType, rowId: string) => `'${workflowId(type, '')}' || ${rowId}`;

const open = [...waiting]
  .map(
    ([type, rows]) =>
      `select '${type}' as workflow_type, row_id, ${idOf(type, 'row_id')} as workflow_id, due_at from (${rows}) ${type}`,
  )
  .join(' union all ');

const named = 'workflow_type as "workflowType", row_id as "rowId", workflow_id as "workflowId"';

/** Mails on their way, by who told of their row; one that was sent anew by hand has a workflow of its own for a day. */
const mailed = `
  select nudge.workflow_type, nudge.row_id, nudge.workflow_id, null::timestamptz as due_at
    from mail_delivery mail
    join workflow_nudge nudge on nudge.workflow_id in (${types.map((type) => idOf(type, 'mail.row_id')).join(', ')})
   where mail.status = 'planned' and not exists (
     select 1 from workflow_nudge anew
      where anew.workflow_id = ${idOf('mailDelivery', 'mail.id')}
        and anew.requested_at > clock_timestamp() - interval '25 hours')`;

/** Delivered for so long that Temporal must have done something about it. */
const settled = `nudge.delivered_revision >= nudge.requested_revision
  and nudge.requested_at < clock_timestamp() - make_interval(secs => ?)`;

/** Shorter than Temporal keeps what has completed, which is a day at least. */
const surelyKept = '20 hours';

export interface Patience {
  /** How late anything may be before somebody looks after it. */
  lateMilliseconds: number;
  limit: number;
}

/**
 * Rows whose time came so long ago that their workflows should have seen to it, the longest overdue first. One that was
 * asked about comes again after half the time it is late by then, so that nobody is asked without end.
 */
export async function overdueWork(
  database: Database,
  { lateMilliseconds, limit }: Patience,
): Promise<UnfinishedWork[]> {
  const late = lateMilliseconds / 1000;
  return read(
    database,
    `select ${named} from (${open}) overdue
       left join (select workflow_id, requested_at, requested_revision, delivered_revision from workflow_nudge) nudge
         using (workflow_id)
      where due_at < clock_timestamp() - make_interval(secs => ?)
        and (nudge.workflow_id is null or nudge.delivered_revision >= nudge.requested_revision
             and nudge.requested_at < clock_timestamp()
                 - greatest(make_interval(secs => ?), (clock_timestamp() - due_at) / 2))
      order by due_at limit ?`,
    [late, late, limit],
  );
}

/** A page of rows whose workflows must be running, by the ids of the workflows. */
export async function openWork(
  database: Database,
  { after, lateMilliseconds, limit }: Patience & { after: string },
): Promise<UnfinishedWork[]> {
  return read(
    database,
    `select distinct on (workflow_id) ${named} from (${open} union all ${mailed}) work
       left join (select workflow_id, requested_at, requested_revision, delivered_revision from workflow_nudge) nudge
         using (workflow_id)
      where workflow_id > ? and (nudge.workflow_id is null or ${settled})
      order by workflow_id limit ?`,
    [after, lateMilliseconds / 1000, limit],
  );
}

/** A page of the workflows that were told something lately, the latest first: Temporal must know each of them. */
export async function toldLately(
  database: Database,
  { before, lateMilliseconds, limit }: Patience & { before: Told | null },
): Promise<Told[]> {
  return read(
    database,
    `select ${named}, requested_at::text as "toldAt"
       from workflow_nudge nudge
      where requested_at > clock_timestamp() - interval '${surelyKept}'
        and (requested_at, workflow_id) < (coalesce(?::timestamptz, 'infinity'), ?) and ${settled}
      order by requested_at desc, workflow_id desc limit ?`,
    [before?.toldAt ?? null, before?.workflowId ?? '', lateMilliseconds / 1000, limit],
  );
}

export interface Told extends UnfinishedWork {
  /** As the database writes it: the place to go on from. */
  toldAt: string;
}

/** Has workflows started or told to look again, by the relay; leaves alone what waits for it already. */
export async function askAgain(database: Database, work: readonly UnfinishedWork[]): Promise<void> {
  if (work.length === 0) return;
  await database.transaction(asSystem, async (em) => {
    await em.execute(
      `insert into workflow_nudge (workflow_id, workflow_type, row_id, requested_at)
       select distinct on (id) id, type, row, clock_timestamp()
         from jsonb_to_recordset(?::jsonb) as asked (id text, type text, row uuid) order by id
       on conflict (workflow_id) do update
         set requested_revision = workflow_nudge.requested_revision + 1, requested_at = excluded.requested_at
       where workflow_nudge.delivered_revision >= workflow_nudge.requested_revision`,
      [JSON.stringify(work.map(({ workflowId: id, workflowType: type, rowId: row }) => ({ id, type, row })))],
    );
  });
}

/** Counts the rows of each workflow whose time came so long ago. */
export const countsOfOverdue = (late: string): [WorkflowType, string][] =>
  [...waiting].map(([type, rows]) => [
    type,
    `select count(*) from (${rows}) work where due_at < clock_timestamp() - interval '${late}'`,
  ]);

async function read<Work extends UnfinishedWork>(
  database: Database,
  statement: string,
  values: unknown[],
): Promise<Work[]> {
  return database.transaction(asSystem, (em) => em.execute<Work[]>(statement, values));
}
