import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { apiKeyScopes } from '#access';
import { asSystem } from '#persistence';
import { person, service, type Cast } from '../support/cast.ts';
import { ConsoleVisitor } from '../support/console-visitor.ts';
import { askFor, decide, setElevationStage, type ElevationStage } from '../support/elevation-stage.ts';
import { HttpClient } from '../support/http-client.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let stage: ElevationStage;
let elevationId: string;
let grantId: string;
/** Of the customer, and of the partner; neither holds a role. */
let customersKey: HttpClient;
let partnersKey: HttpClient;

beforeAll(async () => {
  world = await createWorld({ worker: false });
}, 120_000);
afterAll(() => world?.stop());

beforeEach(async () => {
  stage = await setElevationStage(world);
  elevationId = await askFor(stage, { ticket: 'INC-1' });
  await decide(stage.admin, elevationId, 'approve');
  grantId = (await stage.agent.http.get(`/v1/elevations/${elevationId}`)).body.grant.id;
  customersKey = await service(world, stage.customerId, []);
  partnersKey = await service(world, stage.partnerId, []);
});

const act = (more: object = {}) => ({
  action: 'phone.restart',
  resource: { type: 'setting', id: 'devices' },
  at: new Date().toISOString(),
  outcome: 'success',
  externalId: 'job-1',
  ...more,
});
const minutesFromNow = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
const tell = (by: HttpClient, body: object, id = grantId) => by.post(`/v1/grants/${id}/activities`, body);
const told = async (by: Cast = stage.admin) => (await by.http.get(`/v1/grants/${grantId}/activities`)).body.items;
const report = async (by: Pick<Cast, 'http'> = stage.admin) => by.http.get(`/v1/grants/${grantId}/report`);
const trail = async (query: string) =>
  (await stage.admin.http.get(`/v1/organizations/${stage.customerId}/audit-events?${query}`)).body.items;

describe('what was done with an access', () => {
  it('is told by a service of either side and read by everybody who sees the access', async () => {
    const first = await tell(customersKey, act());
    expect(first).toMatchObject({ status: 201, body: { created: 1, items: [{ externalId: 'job-1', grantId }] } });
    // Each side counts its own ids.
    expect((await tell(partnersKey, act({ action: 'phone.reset' }))).status).toBe(201);
    for (const who of [stage.admin, stage.agent, stage.partnersAdmin])
      expect((await told(who)).map(({ action }: { action: string }) => action)).toEqual([
        'phone.reset',
        'phone.restart',
      ]);
  });

  it('is told once, however often it is sent, and stays as it was told', async () => {
    const body = act();
    const [first, ...others] = await Promise.all([1, 2, 3].map(() => tell(customersKey, body)));
    expect(
      [first, ...others].map((answer) => answer?.status).toSorted((one, other) => Number(one) - Number(other)),
    ).toEqual([200, 200, 201]);
    expect(new Set([first, ...others].map((answer) => answer?.body.items[0].id)).size).toBe(1);
    for (const other of [{ outcome: 'failure' }, { action: 'other' }, { resource: { type: 'setting', id: 'x' } }])
      expect(await tell(customersKey, { ...body, ...other })).toMatchObject({
        status: 409,
        body: { code: 'activity_differs' },
      });
    expect(await told()).toHaveLength(1);
  });

  it('comes in batches: all of it or nothing, and what is wrong is named', async () => {
    const activities = Array.from({ length: 100 }, (_, index) => act({ externalId: `job-${index}` }));
    const wrong = activities.map((one, index) => (index === 41 ? { ...one, at: minutesFromNow(-90) } : one));
    expect(await tell(customersKey, { activities: wrong })).toMatchObject({
      status: 409,
      body: {
        code: 'activity_outside_grant',
        state: { status: 'active', startsAt: expect.any(String), endedAt: null },
        errors: [{ pointer: '/activities/41/at' }],
      },
    });
    expect(await told()).toEqual([]);
    expect((await tell(customersKey, { activities: [...activities, act({ externalId: 'job-100' })] })).status).toBe(
      400,
    );
    expect(await tell(customersKey, { activities })).toMatchObject({ status: 201, body: { created: 100 } });
    expect(await tell(customersKey, { activities })).toMatchObject({ status: 200, body: { created: 0 } });
    const page = await stage.admin.http.get(`/v1/grants/${grantId}/activities?limit=60`);
    const next = await stage.admin.http.get(`/v1/grants/${grantId}/activities?limit=60&cursor=${page.body.nextCursor}`);
    const ids = [...page.body.items, ...next.body.items].map(({ externalId }) => externalId);
    expect([new Set(ids).size, next.body.nextCursor]).toEqual([100, null]);
  });

  it('is of the life of the access, give or take five minutes, and never of the future', async () => {
    for (const at of [minutesFromNow(-6), minutesFromNow(6)])
      expect((await tell(customersKey, act({ at }))).body.code).toBe('activity_outside_grant');
    expect((await tell(customersKey, act({ at: minutesFromNow(-4) }))).status).toBe(201);
    await decide(stage.admin, elevationId, 'revoke');
    // Told after the end is what was done before it.
    expect((await tell(customersKey, act({ externalId: 'job-2' }))).status).toBe(201);
    await world.database.transaction(asSystem, (em) =>
      em.execute(
        `update "grant" set starts_at = starts_at - interval '1 hour', ended_at = ended_at - interval '1 hour' where id = ?`,
        [grantId],
      ),
    );
    expect((await tell(customersKey, act({ externalId: 'job-3' }))).body.code).toBe('activity_outside_grant');
  });

  it('is small: an act of more than 2 KiB is refused as too large, alone and in a batch', async () => {
    const large = act({ resource: { type: 'setting', id: 'devices', properties: { note: 'x'.repeat(2048) } } });
    expect(await tell(customersKey, large)).toMatchObject({ status: 413, body: { code: 'activity_too_large' } });
    expect(await tell(customersKey, { activities: [act(), large] })).toMatchObject({
      status: 413,
      body: { errors: [{ pointer: '/activities/1' }] },
    });
    const fits = act({ resource: { type: 'setting', id: 'devices', properties: { note: 'x'.repeat(1700) } } });
    expect((await tell(customersKey, fits)).status).toBe(201);
  });

  it('is told by no person, on record, and by nobody who does not see the access', async () => {
    expect(await tell(stage.agent.http, act())).toMatchObject({ status: 403, body: { code: 'service_required' } });
    expect(await tell(stage.admin.http, act())).toMatchObject({ status: 403, body: { code: 'service_required' } });
    const tries = await trail('action=grant.acted&outcome=refused');
    expect(tries.map(({ facts }: { facts: { code: string } }) => facts.code)).toEqual(
      Array(2).fill('service_required'),
    );
    const stranger = await setElevationStage(world);
    for (const by of [stranger.admin.http, await service(world, stranger.customerId, ['full_administrator'])]) {
      expect((await tell(by, act())).status).toBe(404);
      expect((await by.get(`/v1/grants/${grantId}/activities`)).status).toBe(404);
      expect((await by.get(`/v1/grants/${grantId}/report`)).status).toBe(404);
    }
  });

  it('is changed by nobody, not even by the database’s own roles, and its digest is on the trail', async () => {
    const [item] = (await tell(customersKey, act())).body.items;
    const [event] = await trail('action=grant.acted');
    expect(event).toMatchObject({ grantId, facts: { digests: { [item.id]: item.digest } } });
    await expect(
      world.database.transaction(asSystem, (em) => em.execute(`update activity set action = 'other'`)),
    ).rejects.toThrow(/permission denied/);
  });
});

describe('the report of an access', () => {
  const evaluate = (by: HttpClient) =>
    by.post('/access/v1/evaluation', {
      subject: { type: 'account', id: stage.agent.accountId },
      action: { name: 'write' },
      resource: { type: 'setting', id: 'devices', properties: { organizationId: stage.customerId } },
    });

  it('tells who asked, who decided by which right, how often it was asked for, what was done and how it ended', async () => {
    for (let index = 0; index < 3; index += 1) expect((await evaluate(customersKey)).body.decision).toBe(true);
    await tell(customersKey, act());
    expect((await report()).body).toMatchObject({
      organizationName: 'Harbour',
      partnerName: 'Northwind',
      request: { by: { displayName: 'Agent' }, reason: 'Phones do not register', ticket: 'INC-1' },
      decision: { by: { displayName: 'Admin' }, right: 'full_administrator' },
      use: { evaluations: 3, firstAt: expect.any(String) },
      activities: [{ externalId: 'job-1' }],
      activityCount: 1,
      ending: null,
    });
    await decide(stage.secondAdmin, elevationId, 'revoke', { reason: 'Done by now' });
    // What is denied now is no use of it.
    expect((await evaluate(customersKey)).body.decision).toBe(false);
    expect((await report(stage.agent)).body).toMatchObject({
      use: { evaluations: 3 },
      ending: { how: 'revoked', by: { displayName: 'Second admin' }, reason: 'Done by now' },
    });
  });

  it('is a page, found from the page of the request', async () => {
    await tell(customersKey, act({ action: '<b>phone.restart' }));
    const visitor = new ConsoleVisitor(stage.admin.http);
    expect((await visitor.open(`/elevations/${elevationId}`)).html).toContain(`/grants/${grantId}/report`);
    const page = await visitor.open(`/grants/${grantId}/report`);
    expect(page.status).toBe(200);
    for (const words of ['Phones do not register', 'Full administrator', '&lt;b&gt;phone.restart', 'It goes on'])
      expect(page.html).toContain(words);
  });

  it('is told of a help-desk session, too, which nobody had to decide', async () => {
    const opened = await stage.agent.http.post('/v1/help-desk-sessions', {
      customerId: stage.customerId,
      reason: 'Looking',
    });
    const { id } = opened.body.grant;
    expect((await tell(customersKey, act(), id)).status).toBe(201);
    expect((await stage.admin.http.get(`/v1/grants/${id}/report`)).body).toMatchObject({
      request: { reason: 'Looking' },
      decision: { by: null, right: 'help_desk_advanced' },
      activityCount: 1,
    });
  });
});

describe('a key that reads accesses', () => {
  const makeKey = async (scopes: string[], by = stage.admin) => {
    const made = await by.http.post(`/v1/organizations/${stage.customerId}/api-keys`, {
      name: 'Reporting',
      administratorRoles: ['device_administrator'],
      scopes,
    });
    return new HttpClient(world.baseUrl, made.body.token);
  };
  const seenBy = async (http: HttpClient) =>
    (await http.get('/v1/grants')).body.items?.map(({ id }: { id: string }) => id);

  it('sees those that its person sees in its organization, and what was done with them', async () => {
    const key = await makeKey(['grants:read']);
    expect(await seenBy(key)).toEqual([grantId]);
    expect((await key.get(`/v1/elevations/${elevationId}`)).status).toBe(200);
    expect((await report({ http: key })).status).toBe(200);
    expect((await tell(key, act())).body).toMatchObject({ code: 'scope_missing', needed: 'access:evaluate' });
    const other = await makeKey(apiKeyScopes.filter((scope) => scope !== 'grants:read'));
    expect((await other.get('/v1/grants')).body.code).toBe('scope_missing');
  });

  it('sees nothing of other organizations of its person', async () => {
    const elsewhere = await setElevationStage(world);
    const both = await person(world, 'Both', [
      { in: stage.customerId, roles: ['full_administrator'] },
      { in: elsewhere.customerId, roles: ['full_administrator'] },
    ]);
    const there = await askFor(elsewhere);
    await decide(elsewhere.admin, there, 'approve');
    expect((await both.http.get('/v1/grants')).body.items).toHaveLength(2);
    const key = await makeKey(['grants:read'], both);
    expect(await seenBy(key)).toEqual([grantId]);
    expect((await key.get(`/v1/elevations/${there}`)).status).toBe(404);
  });
});
