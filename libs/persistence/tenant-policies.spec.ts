import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { createMigratedDatabase, type MigratedDatabase } from '../../test/support/migrated-database.ts';
import { Database, type TenancyContext } from './database.ts';

/**
 * What a tenant's transaction can do to each table of the catalogue, whatever the rules say: whose rows it reads and
 * whose it writes. A table that is not in here fails the test.
 */
const places = ['own', 'managed', 'above', 'foreign'] as const;
type Place = (typeof places)[number];

const reaches = {
  none: [],
  own: ['own'],
  /** And the customers of one's own partner. */
  managed: ['own', 'managed'],
  /** And the partners of one's own organization. */
  reach: ['own', 'managed', 'above'],
  everybody: places,
} as const satisfies Record<string, readonly Place[]>;
type Reach = keyof typeof reaches;

const expected: Readonly<Record<string, readonly [read: Reach, write: Reach]>> = {
  // Of people: a row that is about nobody in sight. What an organization calls its members is its own.
  account: ['none', 'none'],
  activity: ['own', 'own'],
  address: ['none', 'managed'],
  api_key: ['own', 'own'],
  // A customer out of reach is told of what concerns it, too; nobody changes what was told.
  audit_event: ['reach', 'everybody'],
  audit_checkpoint: ['reach', 'none'],
  audit_cosignature: ['reach', 'none'],
  audit_seal: ['reach', 'none'],
  audit_signing_key: ['everybody', 'none'],
  audit_tree_node: ['reach', 'none'],
  change_request: ['own', 'own'],
  customer_assignment: ['reach', 'own'],
  elevation: ['own', 'own'],
  external_administrator_request: ['own', 'own'],
  grant: ['own', 'own'],
  group: ['reach', 'managed'],
  help_desk_session: ['own', 'own'],
  invite: ['reach', 'managed'],
  invite_batch: ['reach', 'managed'],
  invite_batch_row: ['reach', 'managed'],
  mail_delivery: ['reach', 'none'],
  membership: ['reach', 'managed'],
  organization: ['reach', 'managed'],
  relationship: ['reach', 'own'],
  role_appointment: ['reach', 'managed'],
  scim_token: ['own', 'own'],
  scim_user: ['own', 'own'],
  webhook: ['reach', 'managed'],
  ...Object.fromEntries(
    [
      'address_change',
      'authenticator_app',
      'credential',
      'failed_attempt',
      'failed_sign_in',
      'idempotency_record',
      'logout_token',
      'mikro_orm_migrations',
      'organization_recovery_code',
      'passkey',
      'password_reset',
      'payload_key',
      'recovery_code',
      'request_count',
      'signal_key',
      'session',
      'session_code',
      'sign_in_step',
      'sso_identity',
      'support_action',
      'workflow_nudge',
    ].map((table) => [table, ['none', 'none']]),
  ),
};

interface Column {
  table: string;
  name: string;
  type: string;
  isRequired: boolean;
}

const organizations: Readonly<Record<Place, string>> = {
  own: randomUUID(),
  managed: randomUUID(),
  above: randomUUID(),
  foreign: randomUUID(),
};

const tenant: TenancyContext = {
  kind: 'tenant',
  principal: `account:${randomUUID()}`,
  accountId: randomUUID(),
  organizationIds: [organizations.own],
  managed: [organizations.own, organizations.managed],
  reach: [organizations.own, organizations.managed, organizations.above],
};

let migrated: MigratedDatabase;
let database: Database;
let owner: Client;
let columns: Map<string, Column[]>;

beforeAll(async () => {
  migrated = await createMigratedDatabase();
  database = await Database.open({ databaseUrl: migrated.url, poolSize: 1 });
  owner = new Client(migrated.url);
  await owner.connect();
  // Rows that name what is not there, and past every trigger: only the policies are asked here.
  await owner.query("set session_replication_role = 'replica'");
  const { rows } = await owner.query<Column>(
    `select relname as table, attname as name, format_type(atttypid, null) as type,
            attnotnull and not atthasdef and attidentity = '' as "isRequired"
       from pg_class join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped
      where relkind = 'r' and relnamespace = 'public'::regnamespace order by relname, attnum`,
  );
  columns = Map.groupBy(rows, ({ table }) => table);
}, 120_000);

afterAll(async () => {
  await owner?.end();
  await database?.close();
  await migrated?.drop();
});

/** Where a row says whose it is. */
const ofOrganization = /^(?:organization_id|customer_id|partner_id|given_by_organization_id|organization_ids)$/;

const valueOf = ({ table, name, type }: Column, organizationId: string): string => {
  if (table === 'address' && name === 'kind') return "'alias'";
  if (ofOrganization.test(name)) return type === 'uuid' ? `'${organizationId}'` : `array['${organizationId}']::uuid[]`;
  if (table === 'organization' && name === 'id') return `'${organizationId}'`;
  if (type === 'uuid') return 'gen_random_uuid()';
  if (type.endsWith('[]')) return "'{}'";
  if (/^(?:integer|bigint)$/.test(type)) return '(random() * 1000000)::int';
  if (type === 'boolean') return 'false';
  if (type === 'jsonb' || type === 'json') return "'{}'";
  if (type.startsWith('timestamp')) return 'now()';
  return 'md5(random()::text)';
};

function insertionInto(table: string, organizationId: string): string {
  const filled = (columns.get(table) ?? []).filter(({ name, isRequired }) => isRequired || ofOrganization.test(name));
  const names = filled.map(({ name }) => `"${name}"`);
  return `insert into "${table}" (${names.join(', ')}) values (${filled.map((one) => valueOf(one, organizationId)).join(', ')})`;
}

const undone = new Error('undone');

/** How many rows the tenant's statement found or changed; none where it is refused. Nothing of it stays. */
async function tenantDoes(statement: string): Promise<number> {
  let count = 0;
  try {
    await database.transaction(tenant, async (em) => {
      const [row] = await em.execute<{ count: string }[]>(statement);
      count = Number(row?.count ?? 0);
      throw undone;
    });
  } catch (error) {
    if (error !== undone && !/row-level security|permission denied/.test(String(error))) throw error;
  }
  return count;
}

async function tenantInserts(statement: string): Promise<boolean> {
  let isDone = false;
  try {
    await database.transaction(tenant, async (em) => {
      await em.execute(statement);
      isDone = true;
      throw undone;
    });
  } catch (error) {
    // What was let in by the policy may name what is not there.
    if (/foreign key/.test(String(error))) return true;
    if (error !== undone && !/row-level security|permission denied/.test(String(error))) throw error;
  }
  return isDone;
}

it('knows every table of the catalogue', () => {
  expect([...columns.keys()].sort()).toEqual(Object.keys(expected).sort());
});

describe.each(Object.entries(expected))('a tenant, on %s', (table, [read, write]) => {
  it.each(
    places.map(
      (place) =>
        [place, reaches[read].some((one) => one === place), reaches[write].some((one) => one === place)] as const,
    ),
  )('%s: reads %s, writes %s', async (place, isRead, isWritten) => {
    const organizationId = organizations[place];
    const named = (columns.get(table) ?? []).map(({ name }) => name);
    const { rows } = await owner.query<{ ctid: string }>(`${insertionInto(table, organizationId)} returning ctid`);
    const row = `ctid = '${rows[0]?.ctid}'`;
    expect(await tenantDoes(`select count(*) from "${table}" where ${row}`)).toBe(isRead ? 1 : 0);

    const changes = await tenantDoes(
      `with changed as (update "${table}" set "${named[0]}" = "${named[0]}" where ${row} returning 1) select count(*) from changed`,
    );
    const deletions = await tenantDoes(
      `with gone as (delete from "${table}" where ${row} returning 1) select count(*) from gone`,
    );
    await owner.query(`delete from "${table}" where ${row}`);
    const insertions = await tenantInserts(insertionInto(table, organizationId));
    expect([changes > 0, deletions > 0, insertions].some(Boolean)).toBe(isWritten);
    // Nothing is changed or deleted that is not read, and nothing of others is.
    if (!isRead || !isWritten) expect([changes, deletions]).toEqual([0, 0]);
  });
});
