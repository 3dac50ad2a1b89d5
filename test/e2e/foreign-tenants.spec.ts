import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { organization, person } from '../support/cast.ts';
import { ConsoleVisitor } from '../support/console-visitor.ts';
import type { HttpClient } from '../support/http-client.ts';
import {
  addMember,
  createCustomer,
  createPartner,
  type OrganizationWithFirst,
  type Person,
} from '../support/people.ts';
import { createWorld, type World } from '../support/world.ts';

interface Side {
  partner: OrganizationWithFirst;
  customer: OrganizationWithFirst;
  agent: Person;
  /** What the parameters of a path stand for on this side, by the end of the path up to the parameter. */
  ids: Record<string, string>;
}

let world: World;
let ours: Side;
let theirs: Side;
let routes: { method: string; path: string; body: unknown }[];

/** One partner with one customer, and one of everything that has an id. */
async function buildSide(name: string): Promise<Side> {
  const partner = await createPartner(world, `${name} Partner`);
  const customer = await createCustomer(world, partner, `${name} Customer`);
  const agent = await addMember(world, partner, { administratorRoles: ['help_desk_advanced'] });
  const elevation = await agent.http.post('/v1/elevations', { customerId: customer.id, reason: 'Looking into it' });
  await customer.first.http.post(`/v1/elevations/${elevation.body.id}/approve`);
  const grants = await customer.first.http.get('/v1/grants');
  const session = await agent.http.post('/v1/help-desk-sessions', {
    customerId: customer.id,
    reason: 'Looking into it',
  });
  const invite = await customer.first.http.post(`/v1/organizations/${customer.id}/invites`, {
    email: `somebody@${customer.slug}.example`,
    workspaceRole: 'read_only',
  });
  const relationships = await customer.first.http.get(`/v1/organizations/${customer.id}/relationships`);
  const group = await customer.first.http.post(`/v1/organizations/${customer.id}/groups`, { name: 'Front desk' });
  const team = await customer.first.http.post(`/v1/organizations/${customer.id}/teams`, { name: 'Nights' });
  const key = await customer.first.http.post(`/v1/organizations/${customer.id}/api-keys`, {
    name: 'Reporting',
    administratorRoles: ['read_only_administrator'],
  });
  const webhook = await customer.first.http.post(`/v1/organizations/${customer.id}/webhooks`, {
    url: 'https://hooks.example.com/',
    actions: ['webhook.tested'],
  });
  const channel = await customer.first.http.post(`/v1/organizations/${customer.id}/channels`, {
    kind: 'slack',
    url: 'https://hooks.example.com/',
    kinds: ['change-request'],
  });
  const scimToken = await customer.first.http.post(`/v1/organizations/${customer.id}/scim-tokens`, { name: 'Okta' });
  const batch = await customer.first.http.post(`/v1/organizations/${customer.id}/invites/batch`, {
    invites: [{ email: `batch@${customer.slug}.example`, workspaceRole: 'read_only' }],
  });
  const alias = `second@${customer.slug}.example`;
  await customer.first.http.post(`/v1/organizations/${customer.id}/members/${customer.first.memberId}/aliases`, {
    address: alias,
  });
  const domain = `${customer.slug}.example`;
  await customer.first.http.patch(`/v1/organizations/${customer.id}`, { domains: [domain] });
  const sessions = await customer.first.http.get('/v1/sessions');
  const outside = await organization(world, 'partner', { name: `${name} Outside` });
  const requester = await person(world, `${name} requester`, [{ in: outside, roles: ['partner_administrator'] }]);
  const request = await requester.http.post('/v1/external-administrator-requests', {
    customerId: customer.id,
    reason: 'An order',
  });
  await customer.first.http.post(`/v1/external-administrator-requests/${request.body.id}/approve`, {
    email: requester.email,
    role: 'read_only_administrator',
  });
  const externals = await customer.first.http.get(`/v1/organizations/${customer.id}/external-administrators`);
  const change = await partner.first.http.post(`/v1/organizations/${customer.id}/change-requests`, {
    kind: 'appointment',
    email: `second-${customer.slug}@people.example`,
    reason: 'The present administrator leaves',
  });
  return {
    partner,
    customer,
    agent,
    ids: {
      'support-actions': randomUUID(),
      passkeys: randomUUID(),
      organizations: customer.id,
      members: customer.first.memberId,
      memberships: customer.first.memberId,
      'external-administrators': externals.body.items?.[0]?.id,
      invites: invite.body.id,
      batches: batch.body.id,
      relationships: relationships.body.items?.[0]?.id,
      groups: group.body.id,
      teams: team.body.id,
      'api-keys': key.body.id,
      'scim-tokens': scimToken.body.id,
      webhooks: webhook.body.id,
      channels: channel.body.id,
      aliases: alias,
      domains: domain,
      elevations: elevation.body.id,
      grants: grants.body.items?.[0]?.id,
      'help-desk-sessions': session.body.id,
      'external-administrator-requests': request.body.id,
      'change-requests': change.body.id,
      sessions: sessions.body.items?.[0]?.id,
      accounts: customer.first.accountId,
    },
  };
}

/** Bodies that the document describes for several content types, or not by an example; a path also reads. */
const bodies: Record<string, unknown> = {
  'POST /v1/organizations/{organizationId}/invites/batch': {
    invites: [{ email: 'x@example.com', workspaceRole: 'read_only' }],
  },
};

/** What a question must say before anybody looks for its organization. */
const queries: Record<string, string> = {
  '/v1/organizations/{organizationId}/audit-events/consistency': '?from=1&to=1',
  '/v1/organizations/{organizationId}/audit-events/proof': `?eventId=${randomUUID()}`,
};

function fill(path: string, { ids }: Side): string {
  const filled = path.replaceAll(/([\w-]+)\/\{\w+\}/g, (_whole, collection: string) => {
    const id = ids[collection];
    if (!id) throw new Error(`${path}: no id of ${collection} is known here; add one to the side`);
    return `${collection}/${id}`;
  });
  return filled + (queries[path] ?? '');
}

beforeAll(async () => {
  world = await createWorld();
  ours = await buildSide('Ours');
  theirs = await buildSide('Theirs');
  const { body: document } = await world.visitor.get('/openapi.json');
  routes = Object.entries<
    Record<string, { requestBody?: { content?: Record<string, { schema?: { $ref?: string } }> } }>
  >(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(() => path.startsWith('/v1/') && path.includes('{'))
      .map(([method, { requestBody }]) => {
        const name = requestBody?.content?.['application/json']?.schema?.$ref?.replace(/^.*\//, '');
        return {
          method: method.toUpperCase(),
          path,
          body:
            bodies[`${method.toUpperCase()} ${path}`] ??
            (name ? (document.components.schemas[name]?.example ?? {}) : undefined),
        };
      }),
  );
}, 180_000);

afterAll(() => world?.stop());

describe("another tenant's ids", () => {
  it('are those of things that are there: their own people reach every one that can be read', async () => {
    const missing: string[] = [];
    for (const { method, path } of routes.filter(
      (one) => one.method === 'GET' && !/\/support-actions\/|\/audit-events\/proof$/.test(one.path),
    )) {
      const answer = await theirs.customer.first.http.request(method, fill(path, theirs));
      if (answer.status === 404) missing.push(`${method} ${path}`);
    }
    expect(missing).toEqual([]);
  }, 60_000);

  it('are the same as no ids at all, on every route there is, for everybody', async () => {
    const callers: [string, HttpClient][] = [
      ['the customer’s administrator', ours.customer.first.http],
      ['the partner’s administrator', ours.partner.first.http],
      ['the help-desk agent', ours.agent.http],
    ];
    expect(routes.length).toBeGreaterThan(25);
    const leaks: string[] = [];
    for (const { method, path, body } of routes) {
      for (const [who, http] of callers) {
        const answer = await http.request(method, fill(path, theirs), body);
        // The support team's routes say no before they look: the answer is the same for every id.
        if (answer.status !== 404 && answer.body.code !== 'support_only')
          leaks.push(`${method} ${path} as ${who}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 200)}`);
      }
    }
    expect(leaks).toEqual([]);
  }, 120_000);

  it('stay hidden where our own organization stands before them', async () => {
    const leaks: string[] = [];
    for (const { method, path, body } of routes.filter(({ path: one }) => (one.match(/\{/g) ?? []).length > 1)) {
      const mixed = fill(path, theirs).replace(theirs.customer.id, ours.customer.id);
      const answer = await ours.customer.first.http.request(method, mixed, body);
      if (answer.status !== 404)
        leaks.push(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 200)}`);
    }
    expect(leaks).toEqual([]);
  }, 60_000);
});

describe("another tenant's addresses, aliases and providers", () => {
  /** What an answer says, without what it must say of its own case. */
  const shape = ({ status, body }: { status: number; body: Record<string, unknown> | null }) => [
    status,
    body?.['code'],
    Object.keys(body ?? {}).toSorted(),
  ];
  const nobodys = () => `nobody-${randomUUID()}@elsewhere.example`;

  it('answer like nobody’s to an invite, an alias, a sign-in and a wish for a password', async () => {
    const { customer } = ours;
    const inside = `/v1/organizations/${customer.id}`;
    const member = await addMember(world, customer);
    const questions: ((address: string) => ReturnType<HttpClient['request']>)[] = [
      (email) => customer.first.http.post(`${inside}/invites`, { email, workspaceRole: 'read_only' }),
      (address) => customer.first.http.post(`${inside}/members/${member.memberId}/aliases`, { address }),
      (email) => world.visitor.post('/v1/sessions', { email, password: 'not it at all' }),
      (email) => world.visitor.post('/v1/password-resets', { email }),
    ];
    const known = [theirs.customer.first.email, theirs.ids['aliases'] ?? '', theirs.agent.email];
    for (const ask of questions) {
      const expected = shape(await ask(nobodys()));
      for (const address of known) expect(shape(await ask(address))).toEqual(expected);
    }
  }, 60_000);

  it('answer like none to a question for the organization of a domain nobody has proven', async () => {
    const requester = await person(world, 'Asker', [
      { in: await organization(world, 'partner'), roles: ['partner_administrator'] },
    ]);
    const ask = (customerDomain: string) =>
      requester.http.post('/v1/external-administrator-requests', { customerDomain, reason: 'An order' });
    const [claimed, unknown] = [await ask(theirs.ids['domains'] ?? ''), await ask(`${randomUUID()}.example`)];
    expect(shape(claimed)).toEqual(shape(unknown));
  });

  it('can neither be tried nor replaced from outside, nor recovered from', async () => {
    const provider = { issuer: 'https://mallory.example', clientId: 'countersign', clientSecret: 'secret' };
    for (const id of [theirs.customer.id, randomUUID()]) {
      const inside = `/v1/organizations/${id}`;
      for (const http of [ours.customer.first.http, ours.partner.first.http, ours.agent.http]) {
        expect((await http.post(`${inside}/sso/test`, { sso: provider })).status).toBe(404);
        expect((await http.patch(inside, { sso: provider, loginMethods: ['sso'] })).status).toBe(404);
        expect((await http.post(`${inside}/recovery-codes`)).status).toBe(404);
      }
    }
  });
});

describe('lists that take an organization', () => {
  it('are not empty to an outsider but not there, as an id of nobody is; so is the page of who has access', async () => {
    const { body: document } = await world.visitor.get('/openapi.json');
    const lists = Object.entries<{ get?: { parameters?: { name: string; in: string }[] } }>(document.paths).flatMap(
      ([path, { get }]) =>
        (get?.parameters ?? [])
          .filter((one) => one.in === 'query' && /^(organization|customer|partner)Id$/.test(one.name))
          .map(({ name }) => ({ path, name })),
    );
    expect(lists.map(({ path, name }) => `${path} ${name}`)).toEqual(
      expect.arrayContaining([
        '/v1/grants organizationId',
        ...['elevations', 'help-desk-sessions', 'external-administrator-requests'].flatMap((list) => [
          `/v1/${list} customerId`,
          `/v1/${list} partnerId`,
        ]),
      ]),
    );
    const told: string[] = [];
    for (const { path, name } of lists) {
      const foreign = name === 'partnerId' ? theirs.partner : theirs.customer;
      const own = name === 'partnerId' ? ours.partner : ours.customer;
      for (const more of ['', '&status=active', '&limit=1']) {
        if (more === '&status=active' && !/grants|sessions/.test(path)) continue;
        for (const id of [foreign.id, foreign.id.toUpperCase(), randomUUID()]) {
          for (const { http } of [ours.customer.first, ours.partner.first, ours.agent]) {
            const answer = await http.get(`${path}?${name}=${id}${more}`);
            if (answer.status !== 404 || answer.body.code !== 'not_found')
              told.push(`${path}?${name}=${id}${more}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 100)}`);
          }
        }
      }
      // Both sides are answered, whatever there is; and whoever had something there, in whatever state it is asked for.
      for (const { http } of [ours.customer.first, ours.agent]) {
        const answer = await http.get(`${path}?${name}=${own.id}`);
        if (answer.status !== 200) told.push(`${path}?${name}, own: ${answer.status}`);
      }
    }
    expect(told).toEqual([]);
    for (const page of ['access', 'teammates', 'audit', 'restricted-mode']) {
      const seen = async (side: Side) =>
        new ConsoleVisitor(ours.customer.first.http).open(`/organizations/${side.customer.id}/${page}`);
      expect([page, (await seen(theirs)).status, (await seen(ours)).status]).toEqual([page, 404, 200]);
    }
  }, 60_000);
});

/** Every act on an organization, its people or a row in it; those that change nothing are acts as well. */
const acts = (id: string, memberId: string): [method: string, path: string, body?: unknown][] => {
  const inside = `/v1/organizations/${id}`;
  return [
    ['GET', inside],
    ['PATCH', inside, {}],
    ['PATCH', inside, { name: 'Taken over' }],
    ['POST', `${inside}/invites`, { email: 'me@elsewhere.example', workspaceRole: 'read_only' }],
    ['POST', `${inside}/groups`, { name: 'Intruders' }],
    ['POST', `${inside}/api-keys`, { name: 'Backdoor', workspaceRole: 'read_only' }],
    ['GET', `${inside}/api-keys`],
    ['POST', `${inside}/webhooks`, { url: 'https://hooks.example.com/' }],
    ['GET', `${inside}/webhooks`],
    ['POST', `${inside}/channels`, { kind: 'slack', url: 'https://hooks.example.com/' }],
    ['GET', `${inside}/channels`],
    ['GET', `${inside}/change-requests`],
    [
      'POST',
      `${inside}/change-requests`,
      { kind: 'appointment', email: 'me@elsewhere.example', reason: 'I should like to' },
    ],
    ['GET', `${inside}/relationships`],
    ['GET', `${inside}/members`],
    ...[memberId, randomUUID()].flatMap((one): [string, string, unknown?][] => {
      const member = `${inside}/members/${one}`;
      return [
        ['GET', member],
        ['PATCH', member, {}],
        ['PATCH', member, { workspaceRole: 'owner' }],
        ['PATCH', member, { scope: { kind: 'client' } }],
        ['PATCH', member, { appTray: { botBuilder: [] } }],
        ['DELETE', `${member}/workspace-role`],
        ['DELETE', member],
        ['PUT', `${member}/administrator-roles`, { roles: ['full_administrator'] }],
        ['PUT', `${member}/customers`, { customerIds: [] }],
        ['GET', `${member}/aliases`],
        ['POST', `${member}/aliases`, { address: 'squatted@elsewhere.example' }],
        ['DELETE', `${member}/aliases/nobody@elsewhere.example`],
      ];
    }),
    ['DELETE', `${inside}/groups/${randomUUID()}`],
    ['DELETE', `${inside}/api-keys/${randomUUID()}`],
    ['POST', `${inside}/invites/${randomUUID()}/resend`],
    ['POST', `${inside}/invites/${randomUUID()}/cancel`],
  ];
};

describe('an organization that one is related to and does not see', () => {
  it('is not there for reads and acts alike, whether the id in them exists or not', async () => {
    const { partner, customer } = ours;
    const place = { workspaceRole: 'restricted' };
    const onlyFull = await addMember(world, partner, { ...place, administratorRoles: ['full_administrator'] });
    const unassigned = await addMember(world, partner, { ...place, administratorRoles: ['partner_administrator'] });
    const callers: [string, HttpClient, OrganizationWithFirst][] = [
      ['the customer’s Owner, on its partner', customer.first.http, partner],
      ['only full administrator, on a customer', onlyFull.http, customer],
      ['partner administrator without customers, on a customer', unassigned.http, customer],
    ];
    const told: string[] = [];
    for (const [who, http, { id, first }] of callers) {
      for (const [method, path, body] of acts(id, first.memberId)) {
        const answer = await http.request(method, path, body);
        if (answer.status !== 404) told.push(`${method} ${path} as ${who}: ${answer.status} ${answer.body.code}`);
      }
    }
    expect(told).toEqual([]);
  }, 60_000);

  it('is there for a partner whose roles reach it, its keys included', async () => {
    const keys = `/v1/organizations/${ours.customer.id}/api-keys`;
    const { http } = ours.partner.first;
    const made = await http.post(keys, { name: 'Key', administratorRoles: ['read_only_administrator'] });
    expect(made.status).toBe(201);
    expect((await http.get(keys)).body.items[0]).toMatchObject({ id: made.body.id });
    expect((await http.get(made.headers.get('location') ?? '')).status).toBe(200);
    expect((await http.delete(made.headers.get('location') ?? '')).status).toBe(204);
  });

  it('has the tries on its trail', async () => {
    const { partner, customer } = ours;
    const trail = await partner.first.http.get(
      `/v1/organizations/${partner.id}/audit-events?outcome=refused&actorId=${customer.first.accountId}&limit=200`,
    );
    const actions = new Set(trail.body.items.map((event: { action: string }) => event.action));
    for (const action of [
      'organization.changed',
      'group.created',
      'api-key.created',
      'membership.removed',
      'invite.created',
    ])
      expect(actions).toContain(action);
  });
});

describe('a write that changes nothing', () => {
  it('needs the right as any other does, of those who see what it is about', async () => {
    const { customer } = ours;
    const reader = await addMember(world, customer, { workspaceRole: 'read_only' });
    const plain = await addMember(world, customer, { workspaceRole: 'limited_access' });
    const path = `/v1/organizations/${customer.id}/members/${plain.memberId}`;
    const present = [
      { workspaceRole: 'limited_access' },
      { scope: { kind: 'client' } },
      { appTray: { applications: [] } },
    ];
    for (const body of present) {
      expect((await reader.http.patch(path, body)).status).toBe(403);
      expect((await customer.first.http.patch(path, body)).status).toBe(200);
    }
    expect(await plain.http.patch(path, { workspaceRole: 'limited_access' })).toMatchObject({
      body: { code: 'own_role' },
    });
    expect((await customer.first.http.delete(`${path}/workspace-role`)).status).toBe(200);
    expect((await reader.http.delete(`${path}/workspace-role`)).status).toBe(403);
    expect((await customer.first.http.delete(`${path}/workspace-role`)).status).toBe(200);

    // Without a role the person is a name on a list: told so, and shown nothing.
    expect(await plain.http.get(`/v1/organizations/${customer.id}`)).toMatchObject({ status: 403 });
    expect((await plain.http.patch(`/v1/organizations/${customer.id}`, {})).status).toBe(403);
    expect((await plain.http.get('/v1/organizations')).body.items).toEqual([]);
    expect((await plain.http.get('/v1/me')).body.memberships).toHaveLength(1);
  });

  it('tells whoever asks with an old tag no more than anybody else', async () => {
    const { customer } = theirs;
    const path = `/v1/organizations/${customer.id}/members/${customer.first.memberId}`;
    const answer = await ours.customer.first.http.patch(path, {}, { 'if-match': '"old"' });
    expect(answer.status).toBe(404);
    const restricted = await addMember(world, customer, { workspaceRole: 'restricted' });
    expect(await restricted.http.delete(path, { 'if-match': '"old"' })).toMatchObject({ status: 403 });
  });
});
