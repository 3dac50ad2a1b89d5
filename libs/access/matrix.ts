/**
 * Notation of the role matrices: one row per setting, one column per role, each cell a level and where it comes from.
 * `'write S'` reads "write, stated"; `'–'` is short for no access, inferred.
 */

/** stated: in the product documents; documented: in the vendor's public documentation; inferred: by us, a deployment may change it. */
export type CellOrigin = 'stated' | 'documented' | 'inferred';

export interface Cell<Level extends string = string> {
  readonly level: Level;
  readonly origin: CellOrigin;
}

export interface Matrix<Column extends string, Row extends string, Level extends string> {
  readonly columns: readonly Column[];
  /** The levels a cell of this matrix may have. */
  readonly levels: readonly Level[];
  readonly rows: Readonly<Record<Row, Readonly<Record<Column, Cell<Level>>>>>;
}

const originOfMark = { S: 'stated', D: 'documented', I: 'inferred' } as const satisfies Record<string, CellOrigin>;
type Mark = keyof typeof originOfMark;
type Notation<Level extends string> = '–' | `${Level} ${Mark}`;

function cell<Level extends string>(notation: Notation<Level>): Cell<Level> {
  // The template type vouches for the two parts; splitting forgets it.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const [level, mark] = (notation === '–' ? 'none I' : notation).split(' ') as [Level, Mark];
  return { level, origin: originOfMark[mark] };
}

/** Builds a matrix from its notation; a row of the wrong length does not compile. */
export function matrix<
  const Columns extends readonly string[],
  const Level extends string,
  const Rows extends Readonly<Record<string, { readonly [Index in keyof Columns]: Notation<Level> }>>,
>(columns: Columns, levels: readonly Level[], rows: Rows): Matrix<Columns[number], keyof Rows & string, Level> {
  const read = (notations: readonly Notation<Level>[]) =>
    Object.fromEntries(columns.map((column, index) => [column, cell(notations[index] ?? '–')]));
  return {
    columns,
    levels,
    // Object.fromEntries forgets the keys that `rows` and `columns` have.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    rows: Object.fromEntries(
      Object.entries(rows).map(([row, notations]) => [row, read(notations as readonly Notation<Level>[])]),
    ) as Matrix<Columns[number], keyof Rows & string, Level>['rows'],
  };
}
