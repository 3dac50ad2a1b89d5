import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { settings, type AdministratorRole } from '#access';
import { asSystem } from '#persistence';
import { person, service, type Cast } from '../support/cast.ts';
import { ConsoleVisitor } from '../support/console-visitor.ts';
import { askFor, decide, setElevationStage, type ElevationStage } from '../support/elevation-stage.ts';
import { eventually } from '../support/eventually.ts';
import {
  approve,
  asked as askedFor,
  setExternalAdministratorStage,
  type Customer,
  type ExternalAdministratorStage,
} from '../support/external-administrator-stage.ts';
import { HttpClient } from '../support/http-client.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let stage: ElevationStage;

const database = <Row extends object>(sql: string, bound: unknown[] = []): Promise<Row[]> =>
  world.database.transaction(asSystem, (em) => em.execute<Row[]>(sql, bound));
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000);
const of = (more = '') => `/v1/organizations/${stage.customerId}${more}`;
const renew = (http: HttpClient, until: Date | string) =>
  http.post(of(`/relationships/${stage.relationshipId}/renew`), { until });
const shown = async (query = '') => (await stage.admin.http.get(of(`/relationships${query}`))).body.items[0];
const trail = async (action: string) => (await stage.admin.http.get(of(`/audit-events?action=${action}`))).body.items;
const setTerm = (milliseconds: number) =>
  database(
    `update relationship set term_ends_at = clock_timestamp() + make_interval(secs => ?), noticed_days = null where id = ?`,
    [milliseconds / 1000, stage.relationshipId],
  );
const mayWrite = async (accountId: string, setting = 'devices') => {
  const key = await service(world, stage.customerId, []);
  const { body } = await key.post('/access/v1/evaluation', {
    subject: { type: 'account', id: accountId },
    action: { name: 'write' },
    resource: { type: 'setting', id: setting, properties: { organizationId: stage.customerId } },
  });
  return body;
};

describe('with the worker dead', () => {
  beforeAll(async () => {
    world = await createWorld({ worker: false });
  }, 120_000);
  afterAll(() => world?.stop());
  beforeEach(async () => {
    stage = await setElevationStage(world);
  });

  it('a policy gives every partner a term, and an independent administrator renews it within the policy', async () => {
    expect((await shown()).activeUntil).toBeNull();
    const changed = await stage.admin.http.patch(of(), { policy: { relationshipTermDays: 90 } });
    expect(changed).toMatchObject({ status: 200, body: { policy: { relationshipTermDays: 90 } } });
    const { activeUntil, status } = await shown();
    expect([Math.round((Date.parse(activeUntil) - Date.now()) / 86_400_000), status]).toEqual([90, 'active']);
    expect(await renew(stage.admin.http, inDays(91).toISOString())).toMatchObject({
      status: 400,
      body: { code: 'term_out_of_bounds', latest: expect.any(String), errors: [{ pointer: '/until' }] },
    });
    expect((await renew(stage.admin.http, inDays(-1).toISOString())).body.code).toBe('term_out_of_bounds');
    const until = inDays(20).toISOString();
    for (let time = 0; time < 2; time += 1)
      expect(await renew(stage.secondAdmin.http, until)).toMatchObject({
        status: 200,
        body: { activeUntil: until, status: 'expiring' },
      });
    expect(await trail('relationship.renewed')).toHaveLength(1);
    expect((await trail('relationship.term-set'))[0]).toMatchObject({ facts: { before: null } });
  });

  it('a weaker term takes a second administrator: none at all, or a longer one', async () => {
    await stage.admin.http.patch(of(), { policy: { relationshipTermDays: 90 } });
    for (const relationshipTermDays of [null, 91])
      expect((await stage.admin.http.patch(of(), { policy: { relationshipTermDays } })).body.code).toBe(
        'change_request_required',
      );
    expect((await stage.admin.http.patch(of(), { policy: { relationshipTermDays: 30 } })).status).toBe(200);
    expect((await stage.admin.http.patch(of(), { policy: { relationshipTermDays: 401 } })).status).toBe(400);
    const partners = `/v1/organizations/${stage.partnerId}`;
    const answer = await stage.partnersAdmin.http.patch(partners, { policy: { relationshipTermDays: 30 } });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer: '/policy/relationshipTermDays' }] } });
  });

  it('nobody of the partner renews, nobody of both sides, no key, and no stranger sees it; refusals are on record', async () => {
    await setTerm(86_400_000);
    const roles: AdministratorRole[] = ['full_administrator'];
    const both = await person(world, 'Both', [
      { in: stage.customerId, roles },
      { in: stage.partnerId, roles: ['help_desk_basic'] },
    ]);
    const reader = await person(world, 'Reader', [{ in: stage.customerId, roles: ['read_only_administrator'] }]);
    const until = inDays(10).toISOString();
    const partnerFull = await person(world, 'Chief', [{ in: stage.partnerId, roles: ['partner_full_administrator'] }]);
    const refusal = { status: 403, body: { code: 'approver_not_full_administrator' } };
    expect(await renew(partnerFull.http, until)).toMatchObject(refusal);
    const asPartner = `/v1/organizations/${stage.partnerId}/relationships/${stage.relationshipId}/renew`;
    expect(await stage.partnersAdmin.http.post(asPartner, { until })).toMatchObject(refusal);
    expect((await renew(both.http, until)).body.code).toBe('approver_in_requesting_partner');
    expect((await renew(reader.http, until)).body.code).toBe('approver_not_full_administrator');
    expect((await renew(await service(world, stage.customerId, roles), until)).body.code).toBe('person_required');
    const stranger = await setElevationStage(world);
    expect((await renew(stranger.admin.http, until)).status).toBe(404);
    const refused = (await stage.admin.http.get(of('/audit-events?action=relationship.renewed&outcome=refused'))).body;
    expect(refused.items.length).toBe(4);
  });

  it('is ended by the clock alone, and then nothing can be renewed or asked for', async () => {
    const elevation = await askFor(stage, { durationSeconds: 900 });
    await decide(stage.admin, elevation, 'approve');
    await setTerm(86_400_000);
    const answer = await mayWrite(stage.agent.accountId);
    expect(answer.decision).toBe(true);
    await setTerm(-1);
    expect((await mayWrite(stage.agent.accountId)).decision).toBe(false);
    expect(await renew(stage.admin.http, inDays(9).toISOString())).toMatchObject({
      status: 409,
      body: { code: 'relationship_ended', state: { activeUntil: expect.any(String) } },
    });
    expect(await shown()).toBeUndefined();
    expect((await shown('?includeEnded=true')).status).toBe('ended');
    expect(
      (await stage.agent.http.post('/v1/elevations', { customerId: stage.customerId, reason: 'More' })).status,
    ).toBe(404);
    expect((await stage.agent.http.get(`/v1/organizations?query=Harbour`)).body.items).toEqual([]);
  });

  it('lets nobody of the partner do anything in any of a thousand cases after it, and many before', async () => {
    const roles: AdministratorRole[][] = [
      ['partner_full_administrator'],
      ['partner_read_only_administrator'],
      ['help_desk_basic'],
      ['help_desk_advanced', 'partner_read_only_administrator'],
    ];
    const people = await Promise.all(
      roles.map((held, n) => person(world, `P${n}`, [{ in: stage.partnerId, roles: held }])),
    );
    const elevation = await askFor(stage, { durationSeconds: 900 });
    await decide(stage.admin, elevation, 'approve');
    const key = await service(world, stage.customerId, []);
    const properties = { organizationId: stage.customerId };
    const ask = async (accountId: string) => {
      const [moment] = await database<{ over: boolean }>(
        `select term_ends_at <= clock_timestamp() as over from relationship where id = ?`,
        [stage.relationshipId],
      );
      const { body } = await key.post('/access/v1/evaluations', {
        subject: { type: 'account', id: accountId },
        evaluations: settings.flatMap((id) =>
          ['read', 'write'].map((name) => ({ action: { name }, resource: { type: 'setting', id, properties } })),
        ),
      });
      const allowed = body.evaluations.filter(({ decision }: { decision: boolean }) => decision).length;
      return { isOver: moment?.over ?? false, asked: body.evaluations.length, allowed };
    };
    await setTerm(1_500);
    const before = { asked: 0, allowed: 0 };
    const after = { asked: 0, allowed: 0 };
    while (after.asked < 1_000) {
      for (const { accountId } of [...people, stage.agent]) {
        const { isOver, asked, allowed } = await ask(accountId);
        const count = isOver ? after : before;
        count.asked += asked;
        count.allowed += allowed;
      }
    }
    expect(before.allowed).toBeGreaterThan(50);
    expect(after).toEqual({ asked: expect.any(Number), allowed: 0 });
    expect(after.asked).toBeGreaterThanOrEqual(1_000);
  }, 60_000);

  it('is renewed on the page of who has access', async () => {
    await setTerm(5 * 86_400_000);
    const visitor = new ConsoleVisitor(stage.admin.http);
    const path = `/organizations/${stage.customerId}/access`;
    const page = await visitor.open(path);
    expect(page.html).toContain('Ends soon');
    const day = inDays(60).toISOString().slice(0, 10);
    const sent = await visitor.send(
      path,
      `/organizations/${stage.customerId}/relationships/${stage.relationshipId}/renew`,
      {
        until: day,
      },
    );
    expect(sent.location).toContain('notice=renewed');
    expect((await shown()).activeUntil).toBe(`${day}T23:59:59.999Z`);
    expect((await new ConsoleVisitor(stage.partnersAdmin.http).open(path)).status).toBe(404);
  });
});

describe('an external administrator', () => {
  let outside: ExternalAdministratorStage;
  let customer: Customer;
  let grace: Cast;
  const inside = (more = '') => `/v1/organizations/${customer.id}${more}`;
  const setPolicy = (policy: object) => customer.admin.http.patch(inside(), { policy });
  const admitted = async (more: Record<string, unknown> = {}) => {
    const id = await askedFor(grace, { customerId: customer.id });
    return { id, answer: await approve(customer.admin, id, grace, more) };
  };
  const external = async () => (await customer.admin.http.get(inside('/external-administrators'))).body.items[0];
  const daysLeft = (until: string) => Math.round((Date.parse(until) - Date.now()) / 86_400_000);

  beforeAll(async () => {
    world = await createWorld();
  }, 120_000);
  afterAll(() => world?.stop());
  beforeEach(async () => {
    outside = await setExternalAdministratorStage(world);
    customer = await outside.customer();
    grace = await outside.requester();
  });

  it('stays for the term of the customer unless an earlier end is set; a later one is refused', async () => {
    await setPolicy({ externalAdministratorTermDays: 60 });
    const { id, answer } = await admitted({ until: inDays(61).toISOString() });
    expect(answer).toMatchObject({ status: 400, body: { code: 'term_out_of_bounds', latest: expect.any(String) } });
    for (let time = 0; time < 2; time += 1) expect((await approve(customer.admin, id, grace)).status).toBe(200);
    const { id: memberId, until } = await external();
    expect(daysLeft(until)).toBe(60);
    const path = inside(`/external-administrators/${memberId}`);
    expect((await customer.admin.http.patch(path, { until: inDays(61).toISOString() })).body.code).toBe(
      'term_out_of_bounds',
    );
    const end = inDays(50).toISOString();
    expect((await customer.admin.http.post(`${path}/renew`, { until: end })).body).toMatchObject({ until: end });
    // Nobody of the partner, and not the person themselves.
    for (const who of [outside.partnersAdmin, grace]) {
      const refused = await who.http.post(`${path}/renew`, { until: inDays(55).toISOString() });
      expect([403, 404]).toContain(refused.status);
    }
    expect((await external()).until).toBe(end);
  });

  it('who is there already gets the term with the policy, and is told before its end as the customer is', async () => {
    const { id, answer } = await admitted();
    expect(answer.status).toBe(200);
    expect((await external()).until).toBeNull();
    await setPolicy({ externalAdministratorTermDays: 90 });
    expect(daysLeft((await external()).until)).toBe(90);
    await database(
      `update membership set created_at = created_at - interval '1 year', until = clock_timestamp() + interval '6 days' where id = ?`,
      [(await external()).id],
    );
    await eventually(() => {
      const told = world.mail
        .mails()
        .filter(({ kind, text }) => kind === 'external-administrator.ends-soon' && text.includes(id));
      const people = [customer.admin, grace, outside.partnersAdmin];
      const names = told.map(({ to }) => people.find(({ email }) => email === to[0])?.displayName);
      expect(new Set(names)).toEqual(new Set(people.map(({ displayName }) => displayName)));
      expect(names).toHaveLength(3);
    });
    await database(`update membership set until = clock_timestamp() where id = ?`, [(await external()).id]);
    expect(await external()).toBeUndefined();
  }, 60_000);
});

describe('with the worker', () => {
  beforeAll(async () => {
    world = await createWorld();
  }, 120_000);
  afterAll(() => world?.stop());
  beforeEach(async () => {
    stage = await setElevationStage(world);
  });

  const mailsTo = (kind: string) =>
    world.mail
      .mails()
      .filter((mail) => mail.kind === kind && mail.text.includes(stage.customerId))
      .map(({ to }) => stage.everybody.find(({ email }) => email === to[0])?.displayName ?? '')
      .sort();
  const bothSides = ['Admin', 'Partner admin', 'Second admin'];

  it('both sides are told 31, 7 and 1 days before, once each, and again after a renewal', async () => {
    const day = 86_400_000;
    for (const [days, times] of [
      [31, 1],
      [6.9, 2],
      [0.9, 3],
    ] as const) {
      await database(
        `update relationship set term_ends_at = clock_timestamp() + make_interval(secs => ?) where id = ?`,
        [(days * day - 60_000) / 1000, stage.relationshipId],
      );
      await eventually(() =>
        expect(mailsTo('relationship.ends-soon')).toEqual(bothSides.flatMap((name) => Array<string>(times).fill(name))),
      );
    }
    expect(
      (await trail('relationship.ends-soon')).map((event: { facts: { days: number } }) => event.facts.days),
    ).toEqual([1, 7, 31]);
    await renew(stage.admin.http, inDays(6).toISOString());
    await eventually(() => expect(mailsTo('relationship.ends-soon')).toHaveLength(12));
  }, 60_000);

  it('what stood on it ends in one transaction, at the end of the term, and both sides are told once', async () => {
    const elevation = await askFor(stage);
    await decide(stage.admin, elevation, 'approve');
    const asking = await person(world, 'Asking', [{ in: stage.partnerId, roles: ['help_desk_advanced'] }]);
    const open = await askFor(stage, { by: asking });
    await setTerm(300);
    await eventually(async () => expect((await shown('?includeEnded=true')).status).toBe('ended'));
    await eventually(async () => expect(await trail('relationship.ended')).toHaveLength(1));
    const [ended] = await trail('relationship.ended');
    expect(ended).toMatchObject({ actor: { kind: 'clock' }, facts: { cause: 'term_over' } });
    const rows = await database<{ grant: string; request: string; same: boolean }>(
      `select (select status from "grant" where source_id = ?) as grant,
              (select status from elevation where id = ?) as request,
              active_until = term_ends_at as same from relationship where id = ?`,
      [elevation, open, stage.relationshipId],
    );
    expect(rows).toEqual([{ grant: 'ended', request: 'cancelled', same: true }]);
    await eventually(() => {
      const told = world.mail.mails().filter(({ kind }) => kind === 'relationship.ended');
      const names = told.flatMap(({ to }) => stage.everybody.find(({ email }) => email === to[0])?.displayName ?? []);
      expect(names.sort()).toEqual(bothSides);
    });
  }, 60_000);
});
