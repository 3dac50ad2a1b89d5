import { readFileSync } from 'node:fs';
import { stringify } from 'csv-stringify/sync';
import Handlebars from 'handlebars';

/** A report before it has a form: everything in it is plain text. */
export interface ReportDocument {
  title: string;
  facts: readonly (readonly [label: string, value: string])[];
  /** What the reader must know to judge the rest. */
  notes: readonly string[];
  tables: readonly ReportTable[];
}

export interface ReportTable {
  title: string;
  columns: readonly string[];
  rows: readonly (readonly string[])[];
}

/**
 * All tables below each other, the first column naming the table where there are several. Spreadsheets are kept from taking
 * what somebody wrote for a formula.
 */
export function asCsv({ tables }: ReportDocument): string {
  const [first, ...others] = tables;
  if (!first) return '';
  const isSeveral = others.length > 0;
  const rows = tables.flatMap(({ title, rows: own }) => (isSeveral ? own.map((row) => [title, ...row]) : own));
  return stringify([[...(isSeveral ? ['section'] : []), ...first.columns], ...rows], {
    escape_formulas: true,
    record_delimiter: 'windows',
  });
}

let page: Handlebars.TemplateDelegate | undefined;

/** One page that needs nothing beside itself: it opens offline and prints. */
export function asHtml(document: ReportDocument): string {
  page ??= Handlebars.compile(readFileSync(new URL('report.hbs', import.meta.url), 'utf8'), { strict: true });
  return page({
    ...document,
    facts: document.facts.map(([label, value]) => ({ label, value })),
    tables: document.tables.map((table) => ({ ...table, count: table.rows.length })),
  });
}
