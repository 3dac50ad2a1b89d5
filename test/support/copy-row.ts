import type { Client } from 'pg';

/** Copies one row many times, some columns changed: whatever columns the table has or will have. */
export async function copyRow(
  client: Client,
  table: string,
  /** Of the row that is copied: its id, or a condition about `t`. */
  which: string,
  from: readonly string[],
  changes: Readonly<Record<string, string>>,
): Promise<void> {
  const identified = /^[\da-f-]{36}$/.test(which) ? `t.id = '${which}'` : which;
  const { rows } = await client.query<{ name: string }>(
    `select column_name as name from information_schema.columns
      where table_schema = current_schema() and table_name = $1 and is_generated = 'NEVER' order by ordinal_position`,
    [table],
  );
  const columns = rows.map(({ name }) => `"${name}"`).join(', ');
  const values = rows.map(({ name }) => changes[name] ?? `t."${name}"`).join(', ');
  await client.query(
    `insert into "${table}" (${columns}) select ${values} from "${table}" as t, ${from.join(', ')} where ${identified}`,
  );
}
