import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { apiKeyScopes, type AdministratorRole } from '#access';
import { ApiKey, asSystem, Membership, Relationship } from '#persistence';
import { organization, person, relationship, type Cast } from '../support/cast.ts';
import { HttpClient } from '../support/http-client.ts';
import { createWorld, type World } from '../support/world.ts';

/** Domain 8: a key is a short arm of the person who answers for it. Each attack was carried out once. */
let world: World;
let partnerId: string;
let customerId: string;
/** Founding full administrator and Owner of the customer. */
let maria: Cast;

beforeAll(async () => {
  world = await createWorld({ worker: false });
  partnerId = await organization(world, 'partner');
  customerId = await organization(world, 'customer');
  await relationship(world, partnerId, customerId);
  maria = await person(world, 'Maria', [{ in: customerId, roles: ['full_administrator'], workspaceRole: 'owner' }]);
}, 180_000);

afterAll(() => world?.stop());

const keys = () => `/v1/organizations/${customerId}/api-keys`;
const members = () => `/v1/organizations/${customerId}/members`;

interface Made {
  id: string;
  token: string;
  http: HttpClient;
  path: string;
}

async function make(by: Cast, more: object = {}): Promise<Made> {
  const answer = await by.http.post(keys(), {
    name: 'Provisioning',
    administratorRoles: ['full_administrator'],
    scopes: [...apiKeyScopes],
    ...more,
  });
  expect(answer).toMatchObject({ status: 201 });
  return madeOf(answer.body);
}

const madeOf = ({ id, token }: { id: string; token: string }): Made => ({
  id,
  token,
  http: new HttpClient(world.baseUrl, token),
  path: `${keys()}/${id}`,
});

const one = (name: string, roles: AdministratorRole[] = [], workspaceRole: 'full_access' | 'owner' = 'full_access') =>
  person(world, name, [{ in: customerId, roles, workspaceRole }]);

const refusalsOf = async (keyId: string): Promise<string[]> => {
  const trail = await maria.http.get(
    `/v1/organizations/${customerId}/audit-events?outcome=refused&actorId=${keyId}&limit=100`,
  );
  return trail.body.items.map(
    ({ action, facts }: { action: string; facts: { code: string } }) => `${action}: ${facts.code}`,
  );
};

describe('what a key is for', () => {
  it('is asking for access, unless its scopes say more', async () => {
    const { http } = await make(maria, { scopes: undefined });
    expect(await http.get('/v1/me')).toMatchObject({ status: 200, body: { service: { scopes: ['access:evaluate'] } } });
    const asked = await http.post('/access/v1/evaluation', {
      subject: { type: 'account', id: maria.accountId },
      action: { name: 'write' },
      resource: { type: 'setting', id: 'devices', properties: { organizationId: customerId } },
    });
    expect(asked).toMatchObject({ status: 200, body: { decision: true } });
    for (const path of [members(), `/v1/organizations/${customerId}`, `/v1/organizations/${customerId}/audit-events`])
      expect(await http.get(path)).toMatchObject({ status: 403, body: { code: 'scope_missing' } });
  });

  it('to read is not to write, and the try is on record', async () => {
    const reader = await make(maria, { scopes: ['members:read', 'invites:read'] });
    expect((await reader.http.get(members())).status).toBe(200);
    const invite = { email: 'backdoor@elsewhere.example', administratorRoles: ['full_administrator'] };
    expect(await reader.http.post(`/v1/organizations/${customerId}/invites`, invite)).toMatchObject({
      status: 403,
      body: { code: 'scope_missing', needed: 'invites:write' },
    });
    const colleague = await one('Colleague');
    const member = `${members()}/${colleague.memberIds[customerId]}`;
    expect((await reader.http.delete(member)).body.code).toBe('scope_missing');
    expect(await refusalsOf(reader.id)).toEqual(['api-key.used: scope_missing', 'api-key.used: scope_missing']);
  });

  it('is never sign-in, keys, webhooks, approvals or support, with all scopes and the highest role', async () => {
    const key = await make(maria);
    const colleague = await one('Other colleague');
    const inside = `/v1/organizations/${customerId}`;
    const member = `${members()}/${colleague.memberIds[customerId]}`;
    const agent = await person(world, 'Agent', [{ in: partnerId, roles: ['help_desk_advanced'] }]);
    const asked = await agent.http.post('/v1/elevations', { customerId, reason: 'Phones are silent' });
    const acts: [string, string, unknown?][] = [
      ['POST', keys(), { name: 'Child' }],
      ['DELETE', key.path],
      ['POST', `${key.path}/rotate`, {}],
      ['POST', `${key.path}/take-over`, {}],
      ['POST', `${inside}/webhooks`, { url: 'https://hooks.example.com/' }],
      ['POST', `${inside}/domains/harbour.example/prove`],
      ['POST', `${inside}/sso/test`, {}],
      ['DELETE', `${member}/sessions`],
      ['POST', `${member}/confirm`],
      ['POST', `${member}/aliases`, { address: 'squatted@elsewhere.example' }],
      ['POST', `/v1/elevations/${asked.body.id}/approve`],
      ['POST', `/v1/elevations/${asked.body.id}/deny`],
      ['POST', '/v1/support-actions', {}],
    ];
    for (const [method, path, body] of acts) {
      const { status, body: problem } = await key.http.request(method, path, body);
      expect([method, path, status, problem.code]).toEqual([method, path, 403, 'person_required']);
    }
    expect(await refusalsOf(key.id)).toEqual(acts.map(() => 'api-key.used: person_required'));
    // What a key may change of an organization leaves sign-in alone.
    expect(await key.http.patch(inside, { loginMethods: ['sso'] })).toMatchObject({ status: 403 });
  });

  it.each<[string, (member: string) => [string, string, unknown?]]>([
    ['roles', (member: string) => ['PUT', `${member}/administrator-roles`, { roles: [] }]],
    ['workspace role', (member: string) => ['PATCH', member, { workspaceRole: 'read_only' }]],
    ['deleted role', (member: string) => ['DELETE', `${member}/workspace-role`]],
    ['membership', (member: string) => ['DELETE', member]],
  ])('is not the %s of whoever answers for it', async (_, act) => {
    const key = await make(maria, { workspaceRole: 'full_access' });
    const [method, path, body] = act(`${members()}/${maria.memberIds[customerId]}`);
    expect(await key.http.request(method, path, body)).toMatchObject({ status: 403, body: { code: 'own_role' } });
  });
});

describe('a key never does more than the person who answers for it may at this moment', () => {
  const mayKey = async (key: Made, setting: string) =>
    (
      await key.http.post('/access/v1/evaluation', {
        subject: { type: 'service', id: key.id },
        action: { name: 'write' },
        resource: { type: 'setting', id: setting, properties: { organizationId: customerId } },
      })
    ).body.decision;

  it('though they may give a role that does', async () => {
    const key = await make(maria, { administratorRoles: ['compliance_officer', 'device_administrator'] });
    expect(await mayKey(key, 'devices')).toBe(true);
    expect(await mayKey(key, 'legal_hold')).toBe(false);
  });

  it('and is out when they lost the role, whoever took it away and by whatever way', async () => {
    const anna = await one('Anna', ['full_administrator']);
    const key = await make(anna);
    expect((await key.http.get(members())).status).toBe(200);
    // Past every decision of ours, as a restored backup or a hand in the database would.
    await world.database.transaction(asSystem, (em) =>
      em.nativeUpdate(Membership, { accountId: anna.accountId }, { administratorRoles: [] }),
    );
    expect((await key.http.get(members())).status).toBe(401);
    await world.database.transaction(asSystem, (em) =>
      em.nativeUpdate(Membership, { accountId: anna.accountId }, { administratorRoles: ['full_administrator'] }),
    );
    expect((await key.http.get(members())).status).toBe(200);
    const roles = `${members()}/${anna.memberIds[customerId]}/administrator-roles`;
    expect((await maria.http.put(roles, { roles: ['device_administrator'] })).status).toBe(200);
    expect((await key.http.get(members())).status).toBe(401);
    expect((await maria.http.get(key.path)).body.revokedAt).not.toBeNull();
  });

  it("a partner's key at a customer is out when the relationship has run out by itself", async () => {
    const admin = await person(world, 'Partner admin', [{ in: partnerId, roles: ['partner_full_administrator'] }]);
    const key = await make(admin);
    expect((await key.http.get(members())).status).toBe(200);
    const over = (activeUntil: Date | null) =>
      world.database.transaction(asSystem, (em) => em.nativeUpdate(Relationship, { customerId }, { activeUntil }));
    await over(new Date(Date.now() - 1000));
    expect((await key.http.get(members())).status).toBe(401);
    await over(null);
  });

  it("a partner's key is no full administrator of the customer, whatever its roles are called", async () => {
    const admin = await person(world, 'Partner admin', [{ in: partnerId, roles: ['partner_full_administrator'] }]);
    const key = await make(admin);
    const inside = `/v1/organizations/${customerId}`;
    expect(await key.http.patch(inside, { policy: { elevationMaxSeconds: 7200 } })).toMatchObject({
      status: 403,
      body: { code: 'may_not_change_policy' },
    });
    const [{ id }] = (await maria.http.get(`${inside}/relationships`)).body.items;
    expect((await key.http.delete(`${inside}/relationships/${id}`)).status).toBe(403);
  });
});

describe('how long a key lasts', () => {
  const days = (count: number) => new Date(Date.now() + count * 24 * 3600_000);

  it('is 90 days unless said otherwise, and a year at most', async () => {
    const { body } = await maria.http.post(keys(), { name: 'Usual' });
    expect(new Date(body.expiresAt).getTime() - new Date(body.createdAt).getTime()).toBe(90 * 24 * 3600_000);
    for (const [end, code] of [
      [days(366), 'duration_above_policy'],
      [days(-1), 'invalid_request'],
    ] as const)
      expect(await maria.http.post(keys(), { name: 'No', expiresAt: end.toISOString() })).toMatchObject({
        status: 400,
        body: { code },
      });
    expect((await maria.http.post(keys(), { name: 'Year', expiresAt: days(364).toISOString() })).status).toBe(201);
  });

  it('and then it is out, with its overlap', async () => {
    const key = await make(maria);
    const next = madeOf((await maria.http.post(`${key.path}/rotate`)).body);
    await world.database.transaction(asSystem, (em) =>
      em.nativeUpdate(ApiKey, { id: key.id }, { expiresAt: new Date() }),
    );
    for (const { http } of [key, next]) expect((await http.get(members())).status).toBe(401);
    expect(await maria.http.post(`${key.path}/rotate`)).toMatchObject({ status: 409, body: { code: 'api_key_over' } });
  });

  it('is told with its last use', async () => {
    const key = await make(maria);
    expect((await maria.http.get(key.path)).body.lastUsedAt).toBeNull();
    await key.http.get('/v1/me');
    expect((await maria.http.get(key.path)).body.lastUsedAt).toEqual(expect.any(String));
  });
});

describe('rotation', () => {
  it('lets the former token go on for the overlap, and none before it', async () => {
    const first = await make(maria);
    const rotate = async (body: object) => madeOf((await maria.http.post(`${first.path}/rotate`, body)).body);
    const second = await rotate({ overlapSeconds: 60 });
    for (const { http } of [first, second]) expect((await http.get(members())).status).toBe(200);
    const third = await rotate({ overlapSeconds: 0 });
    expect((await first.http.get(members())).status).toBe(401);
    expect((await second.http.get(members())).status).toBe(401);
    expect((await third.http.get(members())).status).toBe(200);
    expect((await maria.http.post(`${first.path}/rotate`, { overlapSeconds: 8 * 24 * 3600 })).status).toBe(400);
  });

  it('is for the person who answers for the key; a repeated request gets the same token', async () => {
    const key = await make(maria);
    const anna = await one('Anna', ['full_administrator']);
    expect(await anna.http.post(`${key.path}/rotate`)).toMatchObject({
      status: 403,
      body: { code: 'not_your_api_key' },
    });
    const once = { 'idempotency-key': 'rotating' };
    const answers = [1, 2].map(() => maria.http.post(`${key.path}/rotate`, {}, once));
    const [one_, other] = await Promise.all(answers);
    expect(one_?.body.token).toBe(other?.body.token);
  });
});

describe('taking over', () => {
  it('keeps the key when its maker goes, and the token that the maker knows goes with them', async () => {
    const anna = await one('Anna', ['full_administrator']);
    const key = await make(anna);
    const taken = await maria.http.post(`${key.path}/take-over`, { overlapSeconds: 3600 });
    expect(taken).toMatchObject({ status: 200, body: { responsible: { id: maria.accountId } } });
    const mine = madeOf(taken.body);
    for (const { http } of [key, mine]) expect((await http.get(members())).status).toBe(200);
    expect((await maria.http.delete(`${members()}/${anna.memberIds[customerId]}`)).status).toBe(204);
    expect((await key.http.get(members())).status).toBe(401);
    expect((await mine.http.get(members())).status).toBe(200);
    const trail = await maria.http.get(`/v1/organizations/${customerId}/audit-events?subjectId=${key.id}&limit=20`);
    expect(trail.body.items.map(({ action }: { action: string }) => action)).toEqual([
      'api-key.former-token-ended',
      'api-key.taken-over',
      'api-key.created',
    ]);
  });

  it('brings nothing back that has ended, and gives nobody more than they could give', async () => {
    const anna = await one('Anna', ['full_administrator']);
    const key = await make(anna);
    const mate = await one('Mate');
    expect(await mate.http.post(`${key.path}/take-over`)).toMatchObject({
      status: 403,
      body: { code: 'may_not_assign_administrator_roles' },
    });
    expect((await maria.http.delete(`${members()}/${anna.memberIds[customerId]}`)).status).toBe(204);
    expect(await maria.http.post(`${key.path}/take-over`)).toMatchObject({
      status: 409,
      body: { code: 'api_key_over' },
    });
    const stranger = await person(world, 'Stranger', [
      { in: await organization(world, 'customer'), roles: ['full_administrator'] },
    ]);
    expect((await stranger.http.post(`${key.path}/take-over`)).status).toBe(404);
  });

  it('and the end of its maker wait for each other: the former token works after neither', async () => {
    for (let round = 0; round < 6; round += 1) {
      const anna = await one('Anna', ['full_administrator']);
      const key = await make(anna);
      const [taken] = await Promise.all([
        maria.http.post(`${key.path}/take-over`),
        maria.http.delete(`${members()}/${anna.memberIds[customerId]}`),
      ]);
      expect([200, 409]).toContain(taken.status);
      expect((await key.http.get(members())).status).toBe(401);
      if (taken.status === 200) expect((await madeOf(taken.body).http.get(members())).status).toBe(200);
    }
  });
});

describe('a stolen key', () => {
  it('is of no use elsewhere, which is on record once a minute', async () => {
    const key = await make(maria, { allowedNetworks: ['192.0.2.0/24', '2001:db8::/32'] });
    for (const headers of [undefined, { 'x-forwarded-for': '192.0.2.7' }, { forwarded: 'for=192.0.2.7' }] as (
      Record<string, string> | undefined
    )[])
      expect(await key.http.get(members(), headers)).toMatchObject({
        status: 403,
        body: { code: 'network_not_allowed' },
      });
    expect(await refusalsOf(key.id)).toEqual(['api-key.used: network_not_allowed']);
    expect((await maria.http.get(key.path)).body.lastUsedAt).toBeNull();
    const here = await make(maria, { allowedNetworks: ['127.0.0.0/8', '::1/128'] });
    expect((await here.http.get(members())).status).toBe(200);
    expect((await maria.http.post(keys(), { name: 'No', allowedNetworks: ['192.0.2.0/33'] })).status).toBe(400);
  });
});
