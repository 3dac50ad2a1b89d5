/** All matrices together: as the API shows them, and as a deployment may change their inferred cells. */
import { customerListMatrix, customerSideMatrix, partnerSideMatrix } from './customer-matrix.ts';
import type { Cell, CellOrigin, Matrix } from './matrix.ts';
import { organizationMatrix } from './organization-matrix.ts';
import { defaultRestrictions, type Restrictions } from './restrictions.ts';
import { appTrayMatrix, workspaceMatrix } from './workspace-matrix.ts';

export const tables = {
  organization: organizationMatrix,
  partner: partnerSideMatrix,
  customer: customerSideMatrix,
  customer_list: customerListMatrix,
  workspace: workspaceMatrix,
  app_tray: appTrayMatrix,
} as const;
export type TableName = keyof typeof tables;

/** What decides: the six role matrices and the restrictions. */
export interface Matrices {
  readonly organization: typeof organizationMatrix;
  readonly partner: typeof partnerSideMatrix;
  readonly customer: typeof customerSideMatrix;
  readonly customer_list: typeof customerListMatrix;
  readonly workspace: typeof workspaceMatrix;
  readonly app_tray: typeof appTrayMatrix;
  readonly restrictions: Restrictions;
}

export const defaultMatrices: Matrices = { ...tables, restrictions: defaultRestrictions };

let inForce = defaultMatrices;

/**
 * The matrices of this deployment, which every rule goes by that is not given others. They are set once, before the
 * first question is answered: a rule that asked the defaults while another asked the overrides would be a hole.
 */
export const matricesInForce = (): Matrices => inForce;

export function putInForce(matrices: Matrices): void {
  inForce = matrices;
}

export interface RoleMatrixCell {
  table: TableName;
  role: string;
  setting: string;
  level: string;
  origin: CellOrigin;
}

type AnyMatrix = Matrix<string, string, string>;

const tableNames: readonly TableName[] = [
  'organization',
  'partner',
  'customer',
  'customer_list',
  'workspace',
  'app_tray',
];

function cellsOf(table: TableName, { columns, rows }: AnyMatrix): RoleMatrixCell[] {
  return Object.entries(rows).flatMap(([setting, row]) =>
    columns.flatMap((role) => {
      const cell = row[role];
      return cell ? [{ table, role, setting, ...cell }] : [];
    }),
  );
}

/** Every cell, flat. The provisioning administrator's cells repeat the partner administrator's, from which they derive. */
export function roleMatrix(matrices: Matrices = matricesInForce()): RoleMatrixCell[] {
  const cells = tableNames.flatMap((table) => cellsOf(table, matrices[table]));
  const derived = cells
    .filter(({ table, role }) => table === 'customer' && role === 'partner_administrator')
    .map((cell) => ({ ...cell, role: 'provisioning_administrator' }));
  return [...cells, ...derived];
}

export interface CellOverride {
  table: string;
  role: string;
  setting: string;
  level: string;
}

export type OverrideErrorCode = 'unknown_cell' | 'cell_not_inferred' | 'unknown_level' | 'duplicate_cell';

export interface OverrideError {
  /** Position in the list that was given. */
  index: number;
  code: OverrideErrorCode;
  message: string;
}

export type OverrideResult = { ok: true; matrices: Matrices } | { ok: false; errors: OverrideError[] };

const isTableName = (name: string): name is TableName => Object.hasOwn(tables, name);

const own = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

function findCell(override: CellOverride, matrices: Matrices): { matrix: AnyMatrix; cell: Cell } | null {
  if (!isTableName(override.table)) return null;
  const table: AnyMatrix = matrices[override.table];
  const row = own(table.rows, override.setting);
  const cell = row && own(row, override.role);
  return cell ? { matrix: table, cell } : null;
}

/** Only help desk (Advanced) can ask for elevation, so in another column `temporary` could never come true. */
const isLevelOf = (matrix: AnyMatrix, { role, level }: CellOverride): boolean =>
  matrix.levels.includes(level) && (level !== 'temporary' || role === 'help_desk_advanced');

function judge(override: CellOverride, index: number, all: readonly CellOverride[], base: Matrices): OverrideError[] {
  const name = `${override.table} / ${override.setting} / ${override.role}`;
  const found = findCell(override, base);
  if (!found) return [{ index, code: 'unknown_cell', message: `There is no cell ${name}` }];
  if (found.cell.origin !== 'inferred')
    return [{ index, code: 'cell_not_inferred', message: `The cell ${name} is ${found.cell.origin}, not inferred` }];
  if (!isLevelOf(found.matrix, override))
    return [{ index, code: 'unknown_level', message: `The cell ${name} cannot be ${override.level}` }];
  const isSameCell = (other: CellOverride) =>
    other.table === override.table && other.setting === override.setting && other.role === override.role;
  if (all.findIndex(isSameCell) < index)
    return [{ index, code: 'duplicate_cell', message: `The cell ${name} is named twice` }];
  return [];
}

/** The matrix with the overrides of its table in place; its columns, rows and levels stay what they were. */
function changed<M extends AnyMatrix>(table: TableName, matrix: M, overrides: readonly CellOverride[]): M {
  const rows = { ...matrix.rows };
  for (const { setting, role, level } of overrides.filter((override) => override.table === table))
    rows[setting] = { ...rows[setting], [role]: { level, origin: 'inferred' } };
  return { ...matrix, rows };
}

/** Replaces inferred cells. One wrong override refuses them all: half a policy is none. */
export function withOverrides(overrides: readonly CellOverride[], base: Matrices = defaultMatrices): OverrideResult {
  const errors = overrides.flatMap((override, index) => judge(override, index, overrides, base));
  if (errors.length > 0) return { ok: false, errors };
  const matrices: Matrices = {
    organization: changed('organization', base.organization, overrides),
    partner: changed('partner', base.partner, overrides),
    customer: changed('customer', base.customer, overrides),
    customer_list: changed('customer_list', base.customer_list, overrides),
    workspace: changed('workspace', base.workspace, overrides),
    app_tray: changed('app_tray', base.app_tray, overrides),
    restrictions: base.restrictions,
  };
  return { ok: true, matrices };
}
