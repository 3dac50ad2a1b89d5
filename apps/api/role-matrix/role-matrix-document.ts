import {
  defaultMatrices,
  defaultRestrictions,
  roleLabels,
  roleMatrix,
  settingLabels,
  type CellOrigin,
  type RoleMatrixCell,
  type TableName,
} from '#access';

const titles: Readonly<Record<TableName, string>> = {
  organization: "Own organization: a partner's and a customer's alike",
  partner: 'Customer management, in the partner organization',
  customer: 'Customer management, on a customer the partner manages',
  customer_list: "Which of the partner's customers a role lists",
  workspace: 'Workspace roles',
  app_tray: 'App-tray applications',
};

const marks: Readonly<Record<CellOrigin, string>> = { stated: 'S', documented: 'D', inferred: 'I' };

/** Wide tables are easier read with short heads, and the ids are what clients send. */
const nameOf = (id: string): string => (Object.hasOwn(settingLabels, id) ? `\`${id}\`` : id.replaceAll('_', ' '));

const cellText = ({ level, origin }: RoleMatrixCell): string =>
  `${level === 'none' ? '–' : level}${level === 'none' && origin === 'inferred' ? '' : ` ${marks[origin]}`}`;

/** Columns as wide as their widest cell: the same text a formatter would leave alone. */
function table(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const widths = head.map((_, column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${widths.map((width, at) => (row[at] ?? '').padEnd(width)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}

function section(name: TableName): string {
  const cells = roleMatrix(defaultMatrices).filter((cell) => cell.table === name);
  const roles = [...new Set(cells.map(({ role }) => role))];
  const settings = [...new Set(cells.map(({ setting }) => setting))];
  const rows = settings.map((setting) => [
    nameOf(setting),
    ...roles.map((role) => {
      const found = cells.find((cell) => cell.setting === setting && cell.role === role);
      return found ? cellText(found) : '';
    }),
  ]);
  return `## ${titles[name]}\n\n${table([['', ...roles.map(labelOf)], ...rows])}`;
}

const labels: Readonly<Record<string, string>> = roleLabels;
const labelOf = (role: string): string => labels[role] ?? role;

const tableNames = Object.keys(titles) as TableName[];

/** docs/role-matrix.md: every cell the rules go by, as a page. */
export function roleMatrixDocument(): string {
  const restrictions = Object.entries(defaultRestrictions).map(([setting, effect]) => [
    nameOf(setting),
    effect.replaceAll('_', ' '),
  ]);
  return [
    '# Role matrix',
    'Written by `npm run docs:role-matrix` from the tables in `libs/access`; do not edit it by hand. `GET /v1/role-matrix` answers the same, with the overrides of the deployment.',
    'S: stated in the product documents. D: documented by the vendor. I: inferred; a deployment may override these cells by `ROLE_MATRIX_FILE`, a JSON list of `{table, role, setting, level}`. A dash without a mark is no access, inferred. `temporary` is write while an approved grant lives, and else what a help-desk session reads.',
    ...tableNames.map(section),
    '## Restricted administrator mode',
    'What the mode leaves of the levels above, for customers’ own administrators and for grants.',
    table([['Setting', 'Effect'], ...restrictions]),
  ]
    .join('\n\n')
    .concat('\n');
}
