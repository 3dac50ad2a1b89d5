import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asSystem, Group, IdempotencyRecord } from '#persistence';
import { organization, person, relationship, service, type Cast } from '../support/cast.ts';
import { eventually } from '../support/eventually.ts';
import type { HttpClient } from '../support/http-client.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let partnerId: string;
let customerId: string;
let elsewhereId: string;
let agent: Cast;
let priya: Cast;
let carl: Cast;
let emma: Cast;

beforeAll(async () => {
  world = await createWorld({ worker: false });
  partnerId = await organization(world, 'partner', { name: 'Northwind' });
  customerId = await organization(world, 'customer', { name: 'Harbour' });
  elsewhereId = await organization(world, 'customer', { name: 'Elsewhere' });
  await relationship(world, partnerId, customerId);
  const administrators = ['full_administrator', 'partner_full_administrator'] as const;
  priya = await person(world, 'Priya', [{ in: partnerId, roles: [...administrators], workspaceRole: 'owner' }]);
  agent = await person(world, 'Agent', [{ in: partnerId, roles: ['help_desk_advanced'] }]);
  carl = await person(world, 'Carl', [{ in: customerId, roles: ['full_administrator'], workspaceRole: 'owner' }]);
  emma = await person(world, 'Emma', [{ in: elsewhereId, roles: ['full_administrator'], workspaceRole: 'owner' }]);
}, 120_000);

afterAll(() => world?.stop());

const newKey = () => ({ 'idempotency-key': randomUUID() });
const groupsOf = (organizationId: string) => `/v1/organizations/${organizationId}/groups`;
const groupsNamed = (name: string) => world.database.transaction(asSystem, (em) => em.count(Group, { name }));
const firstPerson = () => ({ email: `${randomUUID()}@harbour.example`, displayName: 'First' });
const slug = () => `s-${randomUUID()}`;

interface Creation {
  by: HttpClient;
  path: string;
  body: object;
  change: object;
}

/** One request of every kind that creates, and what another body under the same key would change. */
const creating: Record<string, () => Creation> = {
  '/v1/organizations': () => ({
    by: world.support,
    path: '/v1/organizations',
    body: { kind: 'partner', name: 'New', slug: slug(), loginMethods: ['password'], firstAdministrator: firstPerson() },
    change: { name: 'Other' },
  }),
  '/v1/organizations/{partnerId}/customers': () => ({
    by: priya.http,
    path: `/v1/organizations/${partnerId}/customers`,
    body: { name: 'New', slug: slug(), loginMethods: ['password'], firstAdministrator: firstPerson() },
    change: { name: 'Other' },
  }),
  '/v1/organizations/{organizationId}/invites': () => ({
    by: carl.http,
    path: `/v1/organizations/${customerId}/invites`,
    body: { email: `${randomUUID()}@harbour.example`, workspaceRole: 'read_only' },
    change: { workspaceRole: 'full_access' },
  }),
  '/v1/organizations/{organizationId}/invites/batch': () => ({
    by: carl.http,
    path: `/v1/organizations/${customerId}/invites/batch`,
    body: { invites: [{ email: `${randomUUID()}@harbour.example`, workspaceRole: 'read_only' }] },
    change: { invites: [{ email: 'another@harbour.example', workspaceRole: 'read_only' }] },
  }),
  '/v1/organizations/{organizationId}/groups': () => ({
    by: carl.http,
    path: groupsOf(customerId),
    body: { name: randomUUID() },
    change: { name: 'Other' },
  }),
  '/v1/organizations/{organizationId}/teams': () => ({
    by: carl.http,
    path: `/v1/organizations/${customerId}/teams`,
    body: { name: randomUUID() },
    change: { name: 'Other' },
  }),
  '/v1/organizations/{organizationId}/api-keys': () => ({
    by: carl.http,
    path: `/v1/organizations/${customerId}/api-keys`,
    body: { name: 'Reporting', administratorRoles: ['read_only_administrator'] },
    change: { administratorRoles: ['full_administrator'] },
  }),
  '/v1/elevations': () => ({
    by: agent.http,
    path: '/v1/elevations',
    body: { customerId, reason: 'Phones do not register' },
    change: { reason: 'Another' },
  }),
  '/v1/help-desk-sessions': () => ({
    by: agent.http,
    path: '/v1/help-desk-sessions',
    body: { customerId, reason: 'Phones do not register' },
    change: { reason: 'Another' },
  }),
};

describe('a key', () => {
  it.each(Object.entries(creating))('makes one thing at %s, and refuses another body', async (_route, creation) => {
    const { by, path, body, change } = creation();
    const key = newKey();
    const first = await by.post(path, body, key);
    expect([201, 202]).toContain(first.status);
    const again = await by.post(path, body, key);
    expect({ status: again.status, body: again.body }).toEqual({ status: first.status, body: first.body });
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    expect(await by.post(path, { ...body, ...change }, key)).toMatchObject({
      status: 422,
      body: { code: 'idempotency_key_reused' },
    });
  });

  it('is taken by every route that creates something for somebody who is known', async () => {
    const { body: document } = await world.visitor.get('/openapi.json');
    // What is created there is proven by the body itself, made for one caller, or told apart by its own uniqueness.
    const withoutKey = new Set([
      '/v1/sessions',
      '/v1/sessions/sso',
      '/v1/sessions/passkey',
      '/v1/sessions/second-factor',
      '/v1/me/passkeys',
    ]);
    const paths = Object.entries<Record<string, { responses: Record<string, unknown> }>>(document.paths);
    const routes = paths.flatMap(([path, { post }]) => (post?.responses['201'] && !withoutKey.has(path) ? [path] : []));
    expect(routes.length).toBeGreaterThan(8);
    const deaf = paths.flatMap(([path, { post }]) => (routes.includes(path) && !post?.responses['422'] ? [path] : []));
    expect(deaf).toEqual([]);
  });

  it('of another tenant is another key, whatever the body', async () => {
    const key = newKey();
    const ours = await carl.http.post(groupsOf(customerId), { name: 'Night shift' }, key);
    const theirs = await emma.http.post(groupsOf(elsewhereId), { name: 'Night shift' }, key);
    const others = await emma.http.post(groupsOf(elsewhereId), { name: 'Day shift' }, { ...newKey() });
    expect([ours.status, theirs.status, others.status]).toEqual([201, 201, 201]);
    expect(theirs.body.organizationId).toBe(elsewhereId);
    expect(theirs.body.id).not.toBe(ours.body.id);
    // With the key and the body of somebody else nothing of theirs is told.
    expect((await emma.http.post(groupsOf(customerId), { name: 'Night shift' }, key)).status).toBe(404);
  });

  it('of a service is not that of the person who made it', async () => {
    const key = newKey();
    const robot = await service(world, customerId, ['full_administrator']);
    const invite = { email: 'robots-and-people@harbour.example', workspaceRole: 'read_only' };
    const mine = await carl.http.post(`/v1/organizations/${customerId}/invites`, invite, key);
    expect(mine.status).toBe(201);
    const theirs = await robot.post(
      `/v1/organizations/${customerId}/invites`,
      { ...invite, workspaceRole: 'full_access' },
      key,
    );
    expect(theirs.body.code).not.toBe('idempotency_key_reused');
  });

  it('is the same with a slash at the end of the path', async () => {
    const [name, key] = [randomUUID(), newKey()];
    const first = await carl.http.post(groupsOf(customerId), { name }, key);
    const again = await carl.http.post(`${groupsOf(customerId)}/`, { name }, key);
    expect([first.status, again.status, again.body.id]).toEqual([201, 201, first.body.id]);
    expect(await groupsNamed(name)).toBe(1);
  });

  it('at another route is another key', async () => {
    const key = newKey();
    const name = randomUUID();
    const group = await carl.http.post(groupsOf(customerId), { name }, key);
    const team = await carl.http.post(`/v1/organizations/${customerId}/teams`, { name }, key);
    expect([group.status, team.status]).toEqual([201, 201]);
    expect(team.body.id).not.toBe(group.body.id);
  });

  it('sent twenty times at once makes one row and twenty answers alike', async () => {
    const key = newKey();
    const name = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => carl.http.post(groupsOf(customerId), { name }, key)),
    );
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.id}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(201);
    expect(await groupsNamed(name)).toBe(1);
  });

  it('sent at once with twenty bodies lets one through', async () => {
    const key = newKey();
    const names = Array.from({ length: 20 }, () => randomUUID());
    const answers = await Promise.all(names.map((name) => carl.http.post(groupsOf(customerId), { name }, key)));
    expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([
      201,
      ...Array<number>(19).fill(422),
    ]);
    const made = await Promise.all(names.map(groupsNamed));
    expect(made.reduce((sum, count) => sum + count, 0)).toBe(1);
  });

  it.each([
    ['a name with an umlaut', 'Jürgen'],
    ['a full name', 'Ada Lovelace'],
    ['nothing', ''],
    ['two keys', 'one, two'],
    ['201 characters', 'x'.repeat(201)],
  ])('that is %s is refused, and nothing is made', async (_what, key) => {
    const name = randomUUID();
    const answer = await carl.http.post(groupsOf(customerId), { name }, { 'idempotency-key': key });
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(JSON.stringify(answer.body)).not.toContain(key || 'nothing to find');
    expect(await groupsNamed(name)).toBe(0);
  });
});

describe('after a day', () => {
  const age = (key: { 'idempotency-key': string }) =>
    world.database.transaction(asSystem, (em) =>
      em.nativeUpdate(
        IdempotencyRecord,
        { key: key['idempotency-key'] },
        { createdAt: new Date(Date.now() - 24 * 3600_000 - 60_000) },
      ),
    );
  const records = (key: { 'idempotency-key': string }) =>
    world.database.transaction(asSystem, (em) => em.count(IdempotencyRecord, { key: key['idempotency-key'] }));

  it('a key is free again', async () => {
    const key = newKey();
    const first = await carl.http.post(groupsOf(customerId), { name: randomUUID() }, key);
    expect(await age(key)).toBe(1);
    const second = await carl.http.post(groupsOf(customerId), { name: randomUUID() }, key);
    expect(second.status).toBe(201);
    expect(second.body.id).not.toBe(first.body.id);
  });

  it('the answer is forgotten, also where nobody comes back, and younger ones are kept', async () => {
    const old = newKey();
    const young = newKey();
    for (const key of [old, young]) await carl.http.post(groupsOf(customerId), { name: randomUUID() }, key);
    await age(old);
    await world.startWorker();
    await eventually(async () => expect(await records(old)).toBe(0));
    expect(await records(young)).toBe(1);
  });
});
