/** Letters of other people move no cursor and ring no bell in a terminal. */
const controls = /(?![\n\t])[\p{Cc}\p{Cf}]/gu;

export const defused = (text: string): string => text.replaceAll(controls, '�');

export function print(text: string): void {
  process.stdout.write(`${defused(text)}\n`);
}

type Cell = string | number | boolean | null | undefined;

/** Columns as wide as their widest cell; says so where there is nothing. */
export function table(heads: readonly string[], rows: readonly (readonly Cell[])[]): string {
  if (rows.length === 0) return 'There are none.';
  const cells = [heads, ...rows.map((row) => row.map(text))];
  const widths = heads.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const text = (cell: Cell): string => (cell === null || cell === undefined ? '–' : String(cell));

/** On the clock of this machine, with its zone's name. */
export const time = (instant: string | null): string =>
  instant === null ? '–' : new Date(instant).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
