import { workflowId, type WorkflowType } from '#contracts';
import { asSystem, type Database, type EntityManager } from '#persistence';

/** A workflow to start or to signal, and the revision of its row that it is told about. */
export interface Nudge {
  workflowType: WorkflowType;
  workflowId: string;
  rowId: string;
  revision: number;
}

/** Notes, in the transaction of the change, that the row's workflow must look at it. */
export async function requestNudge(em: EntityManager, workflowType: WorkflowType, rowId: string): Promise<Nudge> {
  await em.flush();
  const id = workflowId(workflowType, rowId);
  const [row] = await em.execute<{ revision: number }[]>(
    `insert into workflow_nudge (workflow_id, workflow_type, row_id, requested_at) values (?, ?, ?, clock_timestamp())
     on conflict (workflow_id) do update
       set requested_revision = workflow_nudge.requested_revision + 1, requested_at = excluded.requested_at
     returning requested_revision as revision`,
    [id, workflowType, rowId],
  );
  if (!row) throw new Error('The nudge was not recorded');
  return { workflowType, workflowId: id, rowId, revision: row.revision };
}

/** Marks nudges as delivered up to the revision that was sent; later requests stay open. */
export async function markDelivered(database: Database, nudges: readonly Nudge[]): Promise<void> {
  await database.transaction(asSystem, async (em) => {
    for (const { workflowId: id, revision } of nudges) {
      await em.execute(
        'update workflow_nudge set delivered_revision = greatest(delivered_revision, ?) where workflow_id = ?',
        [revision, id],
      );
    }
  });
}

/** What nobody has delivered for a while; the fast path gets its head start first. */
export async function undeliveredNudges(
  database: Database,
  { olderThanMilliseconds, limit }: { olderThanMilliseconds: number; limit: number },
): Promise<Nudge[]> {
  return database.transaction(asSystem, async (em) =>
    em.execute<Nudge[]>(
      `select workflow_id as "workflowId", workflow_type as "workflowType", row_id as "rowId",
              requested_revision as revision
         from workflow_nudge
        where delivered_revision < requested_revision
          and requested_at < clock_timestamp() - make_interval(secs => ?)
        order by requested_at
        limit ?`,
      [olderThanMilliseconds / 1000, limit],
    ),
  );
}
