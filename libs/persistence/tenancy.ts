import type { PolicyDef } from '@mikro-orm/postgresql';

/** Sees only rows of the organizations named in the transaction's context; an unset context sees nothing. */
export const tenantRole = 'countersign_tenant';
/** For the worker, for authentication and for the support team: the callers that work across organizations. */
export const systemRole = 'countersign_system';
/** Reads what standing is made of, before anybody knows who calls, and nothing else; writes nothing (docs/adr/0010). */
export const standingRole = 'countersign_standing';

/** The only one that writes seals, checkpoints and signing keys; it reads events and writes nothing else. */
export const sealerRole = 'countersign_sealer';

/** The organizations the principal belongs to. */
export const organizationsVariable = 'countersign.organizations';
/** Those and the customers of those among them that are partners: where the principal may have something to change. */
export const managedVariable = 'countersign.managed';
/** Those and the ones an active relationship joins to them, on either side. */
export const reachVariable = 'countersign.reach';
export const accountVariable = 'countersign.account';
export const principalVariable = 'countersign.principal';

/** For whom a transaction runs; row-level security follows from it. */
export type TenancyContext =
  | { kind: 'system' }
  | { kind: 'sealer' }
  | {
      kind: 'tenant';
      /** `account:<id>` or `service:<id>`. */
      principal: string;
      accountId: string | null;
      /** The organizations the principal belongs to. */
      organizationIds: readonly string[];
      /** Those and the customers of those among them that are partners. */
      managed: readonly string[];
      /** Those and the ones related to them, on either side. */
      reach: readonly string[];
    };

export const asSystem: TenancyContext = { kind: 'system' };
export const asSealer: TenancyContext = { kind: 'sealer' };

const roles = { system: systemRole, sealer: sealerRole, tenant: tenantRole } as const;

/** The database role a transaction runs as. */
export const roleOf = ({ kind }: TenancyContext): string => roles[kind];

/** As a query of its own: PostgreSQL reads the list once a statement instead of once a row. */
const listOf = (variable: string) =>
  `(select string_to_array(nullif(current_setting('${variable}', true), ''), ',')::uuid[] as list)::uuid[]`;
const organizations = listOf(organizationsVariable);
const managed = listOf(managedVariable);
const reach = listOf(reachVariable);
const account = `(select nullif(current_setting('${accountVariable}', true), '')::uuid as id)`;

/** SQL that holds when any of the columns names an organization the principal belongs to. */
export function inContext(...columns: string[]): string {
  return columns.map((column) => `${column} = any (${organizations})`).join(' or ');
}

/** As `inContext`, for the organizations in a relationship with the principal's own, too. */
export function inReach(...columns: string[]): string {
  return columns.map((column) => `${column} = any (${reach})`).join(' or ');
}

/** As `inContext`, for the customers of the principal's own partners, too: what may be written, never the other way round. */
export function isManaged(...columns: string[]): string {
  return columns.map((column) => `${column} = any (${managed})`).join(' or ');
}

/** SQL that holds when the column names the context's own account. */
export function ownAccount(column: string): string {
  return `${column} = ${account}`;
}

/** SQL that holds when the column names the context's own principal, a person or a service. */
export function ownPrincipal(column: string): string {
  return `${column} = (select nullif(current_setting('${principalVariable}', true), '') as name)`;
}

/** SQL that holds when the array column shares an organization with those in reach. */
export function overlapsReach(column: string): string {
  return `${column} && ${reach}`;
}

/** Lets the tenant role read, and only read, the rows for which `named` holds, next to those of `rowSecurity`. */
export function alsoReadable(table: string, named: string): PolicyDef<never> {
  return { name: `${table}_named`, command: 'select', roles: [tenantRole], using: named };
}

/**
 * SQL that holds when a row of `table` in the tenant's sight names the id in one of the columns. One question a column:
 * so PostgreSQL looks one id up by its index, and hashes all names once where it reads many rows.
 */
export function namedBy(table: string, id: string, ...columns: string[]): string {
  return columns.map((column) => `exists (select 1 from ${table} where ${table}.${column} = ${id})`).join(' or ');
}

/** Lets the standing role read the table, next to those of `rowSecurity`. */
export function standingReads(table: string): PolicyDef<never> {
  return { name: `${table}_standing`, command: 'select', roles: [standingRole], using: 'true' };
}

/**
 * Row-level security of a table: the system role passes, the tenant role reads where `visible` holds and writes, locks
 * and deletes where `writable` does, which defaults to `visible`; null is nowhere.
 */
export function rowSecurity(
  table: string,
  visible: string | null,
  writable: string | null = visible,
): PolicyDef<never>[] {
  const policies: PolicyDef<never>[] = [{ name: `${table}_system`, roles: [systemRole], using: 'true', check: 'true' }];
  if (visible === null) return policies;
  const reading: PolicyDef<never> = { name: `${table}_tenant`, roles: [tenantRole], using: visible };
  if (visible === writable) return [...policies, { ...reading, check: visible }];
  return [...policies, { ...reading, command: 'select' }, ...(writable === null ? [] : writing(table, writable))];
}

/** A policy for each way to write: one for all of them would let a row be read that may only be written. */
const writing = (table: string, writable: string): PolicyDef<never>[] => [
  { name: `${table}_tenant_insert`, roles: [tenantRole], command: 'insert', check: writable },
  { name: `${table}_tenant_update`, roles: [tenantRole], command: 'update', using: writable, check: writable },
  { name: `${table}_tenant_delete`, roles: [tenantRole], command: 'delete', using: writable },
];

/** As `rowSecurity`, for a table of the sealed trail: others may read it, the sealer alone writes. */
export function sealedRowSecurity(table: string, visible: string): PolicyDef<never>[] {
  return [
    { name: `${table}_sealer`, roles: [sealerRole], using: 'true', check: 'true' },
    { name: `${table}_system`, roles: [systemRole], command: 'select', using: 'true' },
    { name: `${table}_tenant`, roles: [tenantRole], command: 'select', using: visible },
  ];
}
