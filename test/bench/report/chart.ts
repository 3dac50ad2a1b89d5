import { isMet, type Row } from '../bench.ts';
import { ratioText } from './table.ts';

const rowHeight = 34;
const barHeight = 11;
const left = 400;
const width = 960;
const top = 62;
const plotWidth = width - left - 80;

/** How many times as good as the target: 1 is just met, whichever direction is the better one. */
const margin = (ratio: number, { target }: Row): number => {
  if (!target) return 1;
  return target.is === 'at least' ? ratio / target.ratio : target.ratio / ratio;
};

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** One line a target: how far before and now are from it, on a logarithmic scale; right of the line is met. */
export function ratioChart(now: readonly Row[], before: readonly Row[]): string {
  const rows = now.filter((row) => row.target !== null && row.ratio !== null);
  const formerly = (row: Row) => before.find(({ id }) => id === row.id)?.ratio ?? null;
  const margins = rows.flatMap((row) => {
    const former = formerly(row);
    return [margin(row.ratio ?? 1, row), ...(former === null ? [] : [margin(former, row)])];
  });
  const [lowest, highest] = [Math.min(0.05, ...margins), Math.max(4, ...margins)];
  const x = (value: number) => left + (plotWidth * Math.log(value / lowest)) / Math.log(highest / lowest);
  const height = top + rows.length * rowHeight + 16;
  const bar = (value: number, y: number, fill: string, label: string) => {
    const [from, to] = [Math.min(x(value), x(1)), Math.max(x(value), x(1))];
    const end = value < 1 ? from - 4 : to + 4;
    return `<rect x="${from.toFixed(1)}" y="${y}" width="${(to - from).toFixed(1)}" height="${barHeight}" fill="${fill}"/><text x="${end.toFixed(1)}" y="${y + 9}" font-size="10"${value < 1 ? ' text-anchor="end"' : ''}>${escaped(label)}</text>`;
  };
  const lines = rows.map((row, index) => {
    const y = top + index * rowHeight;
    const former = formerly(row);
    const ratio = row.ratio ?? 1;
    return [
      `<text x="${left - 70}" y="${y + 16}" text-anchor="end">${escaped(row.what.length > 60 ? `${row.what.slice(0, 58)}…` : row.what)}</text>`,
      ...(former === null ? [] : [bar(margin(former, row), y, '#b8bec9', ratioText(former))]),
      bar(margin(ratio, row), y + barHeight + 1, isMet(row) ? '#2f7d4f' : '#b3541e', ratioText(ratio)),
    ].join('');
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="Distance of each ratio from its target, before and now">
<rect width="${width}" height="${height}" fill="#fff"/>
<text x="16" y="22" font-size="15" font-weight="600">Distance from the target, logarithmic: right of the line it is met</text>
<rect x="16" y="33" width="12" height="10" fill="#b8bec9"/><text x="33" y="42">before</text>
<rect x="90" y="33" width="12" height="10" fill="#2f7d4f"/><text x="107" y="42">now, met</text>
<rect x="176" y="33" width="12" height="10" fill="#b3541e"/><text x="193" y="42">now, missed</text>
<text x="280" y="42">figures are ratios to the yardstick</text>
<line x1="${x(1).toFixed(1)}" y1="${top - 8}" x2="${x(1).toFixed(1)}" y2="${height - 8}" stroke="#333"/>
${lines.join('\n')}
</svg>
`;
}
