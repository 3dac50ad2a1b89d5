import { CsvError, parse } from 'csv-parse/sync';
import { mostInvitesAtOnce, Refusal } from '#contracts';
import type { SentRow } from '#decisions';

/** Columns by the name in the header, in any case and order. */
const columns = ['email', 'displayName', 'workspaceRole', 'administratorRoles'] as const;
type Column = (typeof columns)[number];

/** The rows of a CSV file (RFC 4180, with a header); administrator roles are separated by semicolons. */
export function readInvitesCsv(text: string): SentRow[] {
  const [header, ...rows] = parsed(text);
  if (!header || rows.length === 0) throw wrong('The file has no rows beneath its header');
  if (rows.length > mostInvitesAtOnce) throw wrong(`At most ${mostInvitesAtOnce} rows at once`);
  const names = columnsOf(header.record);
  return rows.map(({ record, info }) => {
    const surplus = record.slice(names.length).filter((cell) => cell !== '').length;
    return {
      input: inputOf(names, record),
      line: info.lines,
      ...(surplus > 0 && {
        wrong: `The row has ${surplus} more cells than the file has columns: is a comma not quoted?`,
      }),
    };
  });
}

type Row = { record: string[]; info: { lines: number } };

function parsed(text: string): Row[] {
  try {
    return parse(text, {
      bom: true,
      info: true,
      // A cell too many or too few, or a stray quote, makes a bad row, not a bad file.
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      trim: true,
    }) as unknown as Row[];
  } catch (error) {
    if (error instanceof CsvError) throw wrong(`The file is no CSV that can be read: ${error.code}`);
    throw error;
  }
}

function columnsOf(header: readonly string[]): Column[] {
  const names = header.map((name) => {
    const column = columns.find((one) => one.toLowerCase() === name.toLowerCase());
    if (!column) throw wrong(`The first line names the columns ${columns.join(', ')}; it has another one`);
    return column;
  });
  if (!names.includes('email')) throw wrong('The column email is missing');
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) throw wrong(`The first line names the column ${twice} twice`);
  return names;
}

function inputOf(names: readonly Column[], record: readonly string[]): Record<string, unknown> {
  const filled = names.flatMap((name, index) => (record[index] ? [[name, record[index]] as const] : []));
  const { administratorRoles = '', ...cells } = Object.fromEntries(filled);
  const roles = administratorRoles
    .split(';')
    .map((role) => role.trim())
    .filter((role) => role !== '');
  return { ...cells, ...(roles.length > 0 && { administratorRoles: roles }) };
}

const wrong = (message: string) => new Refusal('invalid_request', { errors: [{ pointer: '', message }] });
