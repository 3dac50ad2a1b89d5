import type { ChildProcess } from 'node:child_process';
import { Client } from '@temporalio/client';
import type { TemporalClient } from '#temporal';
import { asSystem, type Database } from '#persistence';
import { everythingIn } from './leak-search.ts';

/** Everything a process writes, from its first word on. */
export function everythingSaidBy(process: ChildProcess): () => string {
  const chunks: Buffer[] = [];
  for (const stream of [process.stdout, process.stderr]) stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString();
}

/**
 * Every workflow of a task queue, by id: what the server tells of it (memo, search attributes, pending activities) and
 * its whole history, as the server stores it: nothing is decrypted.
 */
export async function everythingInTemporal(
  { client }: TemporalClient,
  taskQueue: string,
): Promise<Map<string, { type: string; text: string; events: number }>> {
  const { workflowService } = client.connection;
  const { namespace } = client.options;
  const found = new Map<string, { type: string; text: string; events: number }>();
  // Without the codec: it refuses what is in clear text, and that is what is searched for.
  const plain = new Client({ connection: client.connection, namespace });
  for await (const { workflowId, runId, type } of plain.workflow.list({ query: `TaskQueue = '${taskQueue}'` })) {
    const execution = { workflowId, runId };
    const parts: unknown[] = [workflowId, await workflowService.describeWorkflowExecution({ namespace, execution })];
    let events = 0;
    let nextPageToken: Uint8Array | undefined;
    do {
      const page = await workflowService.getWorkflowExecutionHistory({ namespace, execution, nextPageToken });
      parts.push(page.history);
      events += page.history?.events?.length ?? 0;
      nextPageToken = page.nextPageToken;
    } while (nextPageToken?.length);
    found.set(`${workflowId} ${runId}`, { type, text: everythingIn(parts), events });
  }
  return found;
}

/** Every column of every table, as the catalog names them, with all its values as text; `table.column`. */
export async function everythingInTheDatabase(database: Database): Promise<Map<string, string>> {
  return database.transaction(asSystem, async (em) => {
    // The tests' login owns the tables and passes row-level security; the application's roles do not.
    await em.execute('set local role none');
    const columns = await em.execute<{ table: string; column: string }[]>(
      `select table_name as "table", column_name as "column" from information_schema.columns
        where table_schema not in ('pg_catalog', 'information_schema') order by 1, ordinal_position`,
    );
    const found = new Map<string, string>();
    for (const { table, column } of columns) {
      const values = await em.execute<{ value: string }[]>(
        `select "${column}"::text as value from "${table}" where "${column}" is not null`,
      );
      found.set(`${table}.${column}`, values.map(({ value }) => value).join('\n'));
    }
    return found;
  });
}
