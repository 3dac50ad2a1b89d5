import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
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
  const batch = await customer.first.http.post(`/v1/organizations/${customer.id}/invites/batch`, {
    invites: [{ email: `batch@${customer.slug}.example`, workspaceRole: 'read_only' }],
  });
  return {
    partner,
    customer,
    agent,
    ids: {
      organizations: customer.id,
      members: customer.first.memberId,
      'external-administrators': customer.first.memberId,
      invites: invite.body.id,
      batches: batch.body.id,
      relationships: relationships.body.items?.[0]?.id,
      groups: group.body.id,
      teams: team.body.id,
      'api-keys': key.body.id,
      aliases: 'nobody@example.com',
      elevations: elevation.body.id,
      grants: grants.body.items?.[0]?.id,
      'help-desk-sessions': session.body.id,
      'external-administrator-requests': elevation.body.id,
      sessions: elevation.body.id,
      accounts: customer.first.accountId,
    },
  };
}

/** Bodies that the document describes for several content types, or not by an example. */
const bodies: Record<string, unknown> = {
  '/v1/organizations/{organizationId}/invites/batch': {
    invites: [{ email: 'x@example.com', workspaceRole: 'read_only' }],
  },
};

function fill(path: string, { ids }: Side): string {
  return path.replaceAll(/([\w-]+)\/\{\w+\}/g, (_whole, collection: string) => {
    const id = ids[collection];
    if (!id) throw new Error(`${path}: no id of ${collection} is known here; add one to the side`);
    return `${collection}/${id}`;
  });
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
          body: bodies[path] ?? (name ? (document.components.schemas[name]?.example ?? {}) : undefined),
        };
      }),
  );
}, 180_000);

afterAll(() => world?.stop());

describe("another tenant's ids", () => {
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
