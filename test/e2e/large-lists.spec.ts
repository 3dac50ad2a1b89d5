import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { sealEvents, signingKeyFrom } from '#audit';
import { organization, person, relationship, type Cast } from '../support/cast.ts';
import { copyRow } from '../support/copy-row.ts';
import { askFor, decide, setElevationStage, type ElevationStage } from '../support/elevation-stage.ts';
import { createWorld, type World } from '../support/world.ts';

/** So many rows of one organization in each table, and as many of others around them. */
const many = 100_000;
const watched = [
  'elevation',
  'grant',
  'help_desk_session',
  'audit_event',
  'audit_seal',
  'membership',
  'invite',
  'organization',
  'relationship',
];

let world: World;
let stage: ElevationStage;
let client: Client;
let partnerFull: Cast;
let inviteId: string;

beforeAll(async () => {
  world = await createWorld({ worker: false });
  stage = await setElevationStage(world);
  partnerFull = await person(world, 'Partner full', [
    {
      in: stage.partnerId,
      roles: ['partner_full_administrator', 'full_administrator', 'help_desk_advanced'],
      workspaceRole: 'owner',
    },
  ]);
  client = new Client({ connectionString: world.config.databaseUrl });
  await client.connect();
  await fill();
}, 300_000);

afterAll(async () => {
  await client?.end();
  await world?.stop();
});

/** One of everything is made by the service, then copied by SQL; every second copy belongs to somebody else. */
async function fill(): Promise<void> {
  const { admin, customerId, partnerId, agent } = stage;
  const elevationId = await askFor(stage);
  await decide(admin, elevationId, 'approve');
  await decide(admin, elevationId, 'revoke');
  const session = await agent.http.post('/v1/help-desk-sessions', { customerId, reason: 'Looking into it' });
  expect(session.status).toBe(201);
  const invited = await admin.http.post(`/v1/organizations/${customerId}/invites`, {
    email: 'new@people.example',
    workspaceRole: 'read_only',
  });
  inviteId = invited.body.id;
  await sealEvents(world.database, signingKeyFrom(world.config.signingKey), {
    logName: 'lists.example',
    onUnsigned: () => {},
  });

  const other = await organization(world, 'customer');
  const otherPartner = await organization(world, 'partner');
  await relationship(world, otherPartner, other);
  const stranger = await person(world, 'Stranger', [{ in: otherPartner, roles: ['help_desk_advanced'] }]);
  // Neither are references followed nor is the trail guarded while it is filled.
  await client.query('set session_replication_role = replica');
  const n = `generate_series(1, ${2 * many}) as n`;
  const half = (ours: string, theirs: string) => `case when n % 2 = 0 then '${ours}'::uuid else '${theirs}'::uuid end`;
  // In order of creation, as ids of the service are; older than the row that is copied.
  const id = (kind: number) => `('0199${kind}000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid`;
  const sides = { customer_id: half(customerId, other), partner_id: half(partnerId, otherPartner) };
  await copyRow(client, 'elevation', elevationId, [n], {
    id: id(1),
    ...sides,
    requester_id: half(agent.accountId, stranger.accountId),
  });
  const grants = {
    organization_id: sides.customer_id,
    partner_id: sides.partner_id,
    account_id: half(agent.accountId, stranger.accountId),
  };
  await copyRow(client, 'grant', `t.source_id = '${elevationId}'`, [n], { id: id(2), source_id: id(1), ...grants });
  await copyRow(client, 'help_desk_session', session.body.id, [n], {
    id: id(3),
    ...sides,
    account_id: half(agent.accountId, stranger.accountId),
  });
  await copyRow(client, 'grant', `t.source_id = '${session.body.id}'`, [n], {
    ...grants,
    id: `('01993800-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid`,
    source_id: id(3),
    status: "'expired'",
  });
  await copyRow(client, 'invite', inviteId, [n], {
    id: id(4),
    organization_id: sides.customer_id,
    status: "'cancelled'",
    token_digest: "'digest-' || n",
    email: "'invited-' || n || '@people.example'",
  });
  await copyRow(client, 'account', agent.accountId, [n], {
    id: id(5),
    email: "'copy-' || n || '@people.example'",
    display_name: "'Copy ' || n",
  });
  await copyRow(client, 'membership', admin.memberIds[customerId] ?? '', [n], {
    id: id(6),
    account_id: id(5),
    organization_id: sides.customer_id,
    administrator_roles: "'{}'",
  });
  await copyRow(client, 'organization', customerId, [n], { id: id(7), slug: "'copy-' || n", name: "'Copy ' || n" });
  await copyRow(client, 'relationship', stage.relationshipId, [n], {
    id: id(8),
    customer_id: id(7),
    partner_id: `case when n % 200 = 0 then '${partnerId}'::uuid else md5('partner' || n % 2000)::uuid end`,
  });
  await copyRow(
    client,
    'audit_event',
    `t.subject ->> 'id' = '${elevationId}' and t.action = 'elevation.requested'`,
    [n],
    {
      id: id(9),
      recorded_order: '10000 + n',
      organization_ids: `array[${sides.customer_id}]`,
      subject:
        "jsonb_build_object('kind', 'elevation', 'id', '0199a000-0000-7000-8000-' || lpad(to_hex(n / 4), 12, '0'))",
      actor: "jsonb_build_object('kind', 'account', 'id', '0199b000-0000-7000-8000-' || lpad(to_hex(n / 40), 12, '0'))",
    },
  );
  await copyRow(client, 'audit_seal', `t.organization_id = '${customerId}' and t.position = 1`, [n], {
    organization_id: sides.customer_id,
    position: '10000 + n',
    event_id: id(9),
  });
  await client.query('vacuum analyze');
}

interface Reads {
  /** Scans of a whole table, by table. */
  sequential: Record<string, number>;
  /** Rows fetched from the watched tables. */
  rows: number;
}

async function counted(): Promise<Reads> {
  const { rows } = await client.query<{ name: string; scans: string; rows: string }>(
    `select relname as name, seq_scan as scans, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) as rows
       from pg_stat_user_tables where relname = any ($1)`,
    [watched],
  );
  return {
    sequential: Object.fromEntries(rows.map(({ name, scans }) => [name, Number(scans)])),
    rows: rows.reduce((sum, row) => sum + Number(row.rows), 0),
  };
}

/** The counts of all connections, each of which tells them a second after its last statement at the latest. */
async function settledCounts(): Promise<Reads> {
  for (let before = await counted(); ;) {
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    await client.query('select pg_stat_clear_snapshot()');
    const now = await counted();
    if (now.rows === before.rows) return now;
    before = now;
  }
}

const subject = '0199a000-0000-7000-8000-000000000064';
const actor = '0199b000-0000-7000-8000-000000000064';

const pages: [what: string, ask: () => { http: Cast['http']; path: string }][] = [
  ['grants of a customer', () => ({ http: stage.admin.http, path: '/v1/grants?limit=50' })],
  ['grants of a partner', () => ({ http: partnerFull.http, path: '/v1/grants?limit=50' })],
  ['grants that were revoked', () => ({ http: stage.admin.http, path: '/v1/grants?limit=50&status=revoked' })],
  ['grants that live', () => ({ http: stage.admin.http, path: '/v1/grants?limit=50&status=active' })],
  ['elevations of a customer', () => ({ http: stage.admin.http, path: '/v1/elevations?limit=50' })],
  ['elevations an agent asked for', () => ({ http: stage.agent.http, path: '/v1/elevations?limit=50' })],
  ['elevations that wait', () => ({ http: stage.admin.http, path: '/v1/elevations?limit=50&status=pending' })],
  ['help-desk sessions', () => ({ http: stage.admin.http, path: '/v1/help-desk-sessions?limit=50' })],
  [
    'help-desk sessions that live',
    () => ({ http: stage.admin.http, path: '/v1/help-desk-sessions?limit=50&status=active' }),
  ],
  [
    'the trail',
    () => ({ http: stage.admin.http, path: `/v1/organizations/${stage.customerId}/audit-events?limit=50` }),
  ],
  [
    'the trail of one subject',
    () => ({
      http: stage.admin.http,
      path: `/v1/organizations/${stage.customerId}/audit-events?limit=50&subjectId=${subject}`,
    }),
  ],
  [
    'the trail of one actor',
    () => ({
      http: stage.admin.http,
      path: `/v1/organizations/${stage.customerId}/audit-events?limit=50&actorId=${actor}`,
    }),
  ],
  ['members', () => ({ http: stage.admin.http, path: `/v1/organizations/${stage.customerId}/members?limit=50` })],
  ['invites', () => ({ http: stage.admin.http, path: `/v1/organizations/${stage.customerId}/invites?limit=50` })],
  [
    'invites that are open',
    () => ({ http: stage.admin.http, path: `/v1/organizations/${stage.customerId}/invites?limit=50&status=pending` }),
  ],
  ['customers', () => ({ http: partnerFull.http, path: `/v1/organizations/${stage.partnerId}/customers?limit=50` })],
  [
    'customers of a name that many have',
    () => ({ http: partnerFull.http, path: `/v1/organizations/${stage.partnerId}/customers?limit=50&query=copy` }),
  ],
];
/** A page of 50 with all that is shown with it: far from the hundred thousand rows there are. */
const mostRows = 3_000;

describe('a page of a hundred thousand rows', () => {
  it.each(pages)('of %s reads little more than itself, and so does the next', async (_what, ask) => {
    const { http, path } = ask();
    const before = await settledCounts();
    const first = await http.get(path);
    expect(first.status).toBe(200);
    if (first.body.nextCursor) {
      expect(first.body.items).toHaveLength(50);
      const second = await http.get(`${path}&cursor=${first.body.nextCursor}`);
      expect(second.status).toBe(200);
      const shown = new Set(first.body.items.map(({ id }: { id: string }) => id));
      expect(second.body.items.filter(({ id }: { id: string }) => shown.has(id))).toEqual([]);
    }
    const after = await settledCounts();
    expect(after.sequential).toEqual(before.sequential);
    expect(after.rows - before.rows).toBeLessThan(2 * mostRows);
  });
});
