import { CsvError, parse } from 'csv-parse/sync';
import { mostInvitesAtOnce, Refusal } from '#contracts';
import type { SentRow } from '#decisions';

/** Columns by the name in the header, in any case and order. */
const columns = ['email', 'displayName', 'workspaceRole', 'administratorRoles'] as const;
type Column = (typeof columns)[number];

/** The rows of a CSV file (RFC 4180, UTF-8, a header); administrator roles are separated by semicolons. */
export function readInvitesCsv(text: string): SentRow[] {
  const rows = parsed(text);
  if (rows.length === 0) throw wrong('The file has no rows beneath its header');
  if (rows.length > mostInvitesAtOnce) throw wrong(`At most ${mostInvitesAtOnce} rows at once`);
  return rows.map(({ record, info }) => ({ input: inputOf(record), line: info.lines }));
}

type Row = { record: Partial<Record<Column, string>>; info: { lines: number } };

function parsed(text: string): Row[] {
  try {
    return parse(text, {
      bom: true,
      columns: (header: string[]) => header.map(columnOf),
      info: true,
      // A cell too many or too few, or a stray quote, makes a bad row, not a bad file.
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      trim: true,
    }) as unknown as Row[];
  } catch (error) {
    if (error instanceof Refusal) throw error;
    if (error instanceof CsvError) throw wrong(`The file is no CSV that can be read: ${error.code}`);
    throw error;
  }
}

function columnOf(name: string, _index: number, header: string[]): Column {
  const column = columns.find((one) => one.toLowerCase() === name.toLowerCase());
  if (!column) throw wrong(`The first line names the columns ${columns.join(', ')}; it has another one`);
  if (!header.some((one) => one.toLowerCase() === 'email')) throw wrong('The column email is missing');
  return column;
}

function inputOf({ administratorRoles, ...cells }: Row['record']): Record<string, unknown> {
  const filled = Object.fromEntries(Object.entries(cells).filter(([, value]) => value !== ''));
  const roles = (administratorRoles ?? '')
    .split(';')
    .map((role) => role.trim())
    .filter((role) => role !== '');
  return { ...filled, ...(roles.length > 0 && { administratorRoles: roles }) };
}

const wrong = (message: string) => new Refusal('invalid_request', { errors: [{ pointer: '', message }] });
