import { parse, type Filter } from 'scim2-parse-filter';
import { Refusal, scimSchemas } from '#contracts';

/** A condition of SQL over `scim_user`, with what stands for its question marks. */
export interface Condition {
  sql: string;
  values: unknown[];
}

type Comparison = Extract<Filter, { compValue: unknown }>;
type Kind = 'text' | 'exact' | 'truth' | 'moment' | 'id';

interface Column {
  sql: string;
  kind: Kind;
}

const columns: Readonly<Record<string, Column>> = {
  id: { sql: 'id', kind: 'id' },
  username: { sql: 'user_name', kind: 'text' },
  externalid: { sql: 'external_id', kind: 'exact' },
  displayname: { sql: 'display_name', kind: 'text' },
  active: { sql: 'active', kind: 'truth' },
  'name.formatted': { sql: "name ->> 'formatted'", kind: 'text' },
  'name.familyname': { sql: "name ->> 'familyName'", kind: 'text' },
  'name.givenname': { sql: "name ->> 'givenName'", kind: 'text' },
  'meta.created': { sql: 'created_at', kind: 'moment' },
  'meta.lastmodified': { sql: 'changed_at', kind: 'moment' },
};

const emailColumns: Readonly<Record<string, Column>> = {
  value: { sql: "email ->> 'value'", kind: 'text' },
  type: { sql: "email ->> 'type'", kind: 'text' },
  primary: { sql: "(email ->> 'primary')::boolean", kind: 'truth' },
};

const longest = 1000;
/** A directory asks for one person, or for a few; a filter of hundreds of parts asks for our processor. */
const mostParts = 50;

const refused = (message: string) =>
  new Refusal('invalid_request', { scimType: 'invalidFilter', errors: [{ pointer: '/filter', message }] });

/** The filter of RFC 7644, 3.4.2.2, as a condition; what it names is only ever a value, never SQL. */
export function conditionOf(filter: string): Condition {
  if (filter.length > longest) throw refused(`At most ${longest} characters`);
  const parsed = parsedFilter(filter);
  if (partsOf(parsed) > mostParts) throw refused(`At most ${mostParts} parts`);
  return translate(parsed, columnAt);
}

function parsedFilter(filter: string): Filter {
  try {
    return parse(filter);
  } catch {
    throw refused('Not a filter as RFC 7644 writes them');
  }
}

function partsOf(filter: Filter): number {
  if ('filters' in filter) return filter.filters.reduce((sum, one) => sum + partsOf(one), 1);
  if ('filter' in filter) return 1 + partsOf(filter.filter);
  return 'valFilter' in filter ? 1 + partsOf(filter.valFilter) : 1;
}

const columnAt = (path: string): Column | null =>
  columns[path.toLowerCase().replace(`${scimSchemas.user.toLowerCase()}:`, '')] ?? null;

function translate(filter: Filter, columnOf: (path: string) => Column | null): Condition {
  if ('filters' in filter) {
    const parts = filter.filters.map((one) => translate(one, columnOf));
    return {
      sql: parts.map(({ sql }) => `(${sql})`).join(filter.op === 'and' ? ' and ' : ' or '),
      values: parts.flatMap(({ values }) => values),
    };
  }
  if ('filter' in filter) {
    const { sql, values } = translate(filter.filter, columnOf);
    return { sql: `(${sql}) is not true`, values };
  }
  if ('valFilter' in filter) {
    if (filter.attrPath.toLowerCase() !== 'emails') throw refused(`Nothing is filtered by ${filter.attrPath}`);
    return amongEmails(translate(filter.valFilter, (path) => emailColumns[path.toLowerCase()] ?? null));
  }
  const path = filter.attrPath.toLowerCase().replace(`${scimSchemas.user.toLowerCase()}:`, '');
  if (path === 'emails' && filter.op === 'pr') return { sql: 'jsonb_array_length(emails) > 0', values: [] };
  const email = /^emails(?:\.(value|type|primary))?$/.exec(path);
  if (email) return amongEmails(compare(filter, emailColumns[email[1] ?? 'value']));
  return compare(filter, columnOf(filter.attrPath));
}

const amongEmails = ({ sql, values }: Condition): Condition => ({
  sql: `exists (select 1 from jsonb_array_elements(emails) as email where ${sql})`,
  values,
});

const order: Readonly<Record<string, string>> = { gt: '>', ge: '>=', lt: '<', le: '<=' };

function compare(filter: Comparison | Extract<Filter, { op: 'pr' }>, column: Column | null | undefined): Condition {
  if (!column) throw refused(`Nothing is filtered by ${filter.attrPath}`);
  const { sql, kind } = column;
  if (!('compValue' in filter)) return { sql: `${sql} is not null`, values: [] };
  const { op, compValue } = filter;
  if (compValue === null) {
    if (op === 'eq') return { sql: `${sql} is null`, values: [] };
    if (op === 'ne') return { sql: `${sql} is not null`, values: [] };
    throw refused(`Nothing is ${op} than null`);
  }
  const equality = op === 'eq' ? '=' : op === 'ne' ? 'is distinct from' : null;
  if (kind === 'truth') {
    // Entra ID quotes truth values.
    const truth = String(compValue).toLowerCase();
    if (!equality || !/^(?:true|false)$/.test(truth)) throw refused(`${filter.attrPath} is true or false`);
    return { sql: `${sql} ${equality} ?`, values: [truth === 'true'] };
  }
  if (typeof compValue !== 'string') throw refused(`${filter.attrPath} is text`);
  const sign = equality ?? order[op];
  if (kind === 'moment') {
    if (!sign || Number.isNaN(Date.parse(compValue))) throw refused(`${filter.attrPath} is a moment`);
    return { sql: `${sql} ${sign} ?`, values: [new Date(compValue)] };
  }
  const isExact = kind !== 'text';
  const left = kind === 'id' ? `${sql}::text` : kind === 'text' ? `lower(${sql})` : sql;
  const value = kind === 'exact' ? compValue : compValue.toLowerCase();
  if (sign) return { sql: `${left} ${sign} ?`, values: [value] };
  const at = {
    co: `position(? in ${left}) > 0`,
    sw: `starts_with(${left}, ?)`,
    ew: `starts_with(reverse(${left}), reverse(?))`,
  }[op as 'co' | 'sw' | 'ew'];
  if (!at || (isExact && kind === 'id')) throw refused(`${filter.attrPath} is not compared by ${op}`);
  return { sql: at, values: [value] };
}
