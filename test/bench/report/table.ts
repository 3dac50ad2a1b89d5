import { isMet, type Row } from '../bench.ts';

export const ratioText = (ratio: number | null): string =>
  ratio === null ? '' : `${ratio < 10 ? ratio.toFixed(2) : ratio.toFixed(0)} ×`;

export const targetText = ({ target }: Row): string =>
  target === null ? '' : `${target.is === 'at least' ? '≥' : '≤'} ${Number(target.ratio.toFixed(2))} ×`;

export const verdict = (row: Row): string => ({ true: 'met', false: 'missed', null: '' })[`${isMet(row)}`];

/** The table as the terminal shows it. */
export function terminalTable(rows: readonly Row[]): string {
  const lines = [
    ['', 'ours', 'yardstick', 'ratio', 'target', ''],
    ...rows.map((row) => [row.what, row.ours, row.yardstick, ratioText(row.ratio), targetText(row), verdict(row)]),
  ];
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const written = lines.map((line) =>
    line
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  return rows.reduce(
    (text, row, index) => `${text}${written[index + 1]}\n${row.note ? `    ${row.note}\n` : ''}`,
    `\n${written[0]}\n`,
  );
}
