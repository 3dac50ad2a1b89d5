import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asSystem } from '#persistence';
import {
  addMember,
  createCustomer,
  createPartner,
  mayWrite,
  type OrganizationWithFirst,
  type Person,
} from '../support/people.ts';
import { mailsAbout, person, type Cast } from '../support/cast.ts';
import { askFor, decide, setElevationStage, storedState, type ElevationStage } from '../support/elevation-stage.ts';
import { eventually } from '../support/eventually.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let partner: OrganizationWithFirst;
let customer: OrganizationWithFirst;
let agent: Person;

beforeAll(async () => {
  world = await createWorld();
  partner = await createPartner(world);
  customer = await createCustomer(world, partner);
  agent = await addMember(world, partner, { administratorRoles: ['help_desk_advanced'], displayName: 'Grace Park' });
}, 120_000);

afterAll(() => world?.stop());

describe('an elevation', () => {
  it('goes from the request over the approval to the end of the grant', async () => {
    expect(await mayWrite(agent, customer.id)).toBe(false);
    const asked = await agent.http.post('/v1/elevations', {
      customerId: customer.id,
      reason: 'Phones do not register',
      ticket: 'INC-1',
      durationSeconds: 3,
    });
    expect(asked.status).toBe(201);
    expect(asked.body).toMatchObject({
      status: 'pending',
      eligibleApprovers: { count: 1, names: ['Harbour First'] },
      grant: null,
    });
    const mail = await world.mail.waitForMail({ to: customer.first.email, kind: 'elevation.requested' }, 15_000);
    expect(mail.text).toContain('Phones do not register');

    const approved = await customer.first.http.post(`/v1/elevations/${asked.body.id}/approve`);
    expect(approved).toMatchObject({ status: 200, body: { status: 'approved', grant: { status: 'active' } } });
    expect(await mayWrite(agent, customer.id)).toBe(true);
    // Asked again, the first use stays the first.
    expect(await mayWrite(agent, customer.id)).toBe(true);
    await world.mail.waitForMail({ to: agent.email, kind: 'elevation.approved' }, 15_000);

    const ended = await agent.http.get(`/v1/elevations/${asked.body.id}?wait=10`);
    expect(ended.body.grant.status).toBe('expired');
    expect(await mayWrite(agent, customer.id)).toBe(false);
    await world.mail.waitForMail({ to: agent.email, kind: 'elevation.ended' }, 15_000);
    await world.mail.waitForMail({ to: customer.first.email, kind: 'elevation.ended' }, 15_000);

    const trail = await customer.first.http.get(
      `/v1/organizations/${customer.id}/audit-events?subjectId=${asked.body.id}`,
    );
    expect(trail.body.items.map((event: { action: string }) => event.action).toReversed()).toEqual([
      'elevation.requested',
      'elevation.approved',
      'elevation.used',
      'elevation.ended',
    ]);
  });
});

/** Everybody is told, each once: waits until that is so, then a little longer for what must not come. */
async function expectMails(stage: ElevationStage, id: string, expected: string[], people: Cast[] = stage.everybody) {
  await eventually(() => expect(mailsAbout(world, id, people)).toEqual(expected));
  const workflow = world.temporal.client.workflow.getHandle(`elevation:${id}`);
  await eventually(async () => expect((await workflow.describe()).status.name).toBe('COMPLETED'));
  expect(mailsAbout(world, id, people)).toEqual(expected);
}

const asked = ['elevation.requested to Admin', 'elevation.requested to Second admin'];
const granted = ['elevation.approved to Agent', 'elevation.approved to Second admin'];
const endings = ['elevation.ended to Admin', 'elevation.ended to Agent', 'elevation.ended to Second admin'];

async function untilAsked({ admin, secondAdmin }: ElevationStage): Promise<void> {
  for (const { email } of [admin, secondAdmin])
    await world.mail.waitForMail({ to: email, kind: 'elevation.requested' });
}

async function approvedFor(stage: ElevationStage, durationSeconds?: number): Promise<string> {
  const id = await askFor(stage, { durationSeconds });
  await untilAsked(stage);
  await decide(stage.admin, id, 'approve');
  return id;
}

describe('everybody is told once', () => {
  it('of a denial', async () => {
    const stage = await setElevationStage(world);
    const id = await askFor(stage);
    await untilAsked(stage);
    await decide(stage.admin, id, 'deny', { reason: 'Not today' });
    await expectMails(stage, id, ['elevation.denied to Agent', 'elevation.denied to Second admin', ...asked]);
    const mail = await world.mail.waitForMail({ to: stage.agent.email, kind: 'elevation.denied' });
    expect(mail.text).toContain('Not today');
  });

  it('of an unexpected request, the full administrators of both sides, too', async () => {
    const stage = await setElevationStage(world);
    const id = await askFor(stage);
    await untilAsked(stage);
    await decide(stage.secondAdmin, id, 'deny', { unexpected: true });
    await expectMails(stage, id, [
      'elevation.denied to Admin',
      'elevation.denied to Agent',
      ...asked,
      'elevation.unexpected to Admin',
      'elevation.unexpected to Partner admin',
      'elevation.unexpected to Second admin',
    ]);
  });

  it('that the agent withdrew the request', async () => {
    const stage = await setElevationStage(world);
    const id = await askFor(stage);
    await untilAsked(stage);
    await decide(stage.agent, id, 'cancel');
    await expectMails(stage, id, ['elevation.cancelled to Admin', 'elevation.cancelled to Second admin', ...asked]);
  });

  it('that the request was withdrawn because the agent lost the role, the agent too', async () => {
    const stage = await setElevationStage(world);
    const id = await askFor(stage);
    await untilAsked(stage);
    const path = `/v1/organizations/${stage.partnerId}/members/${stage.agent.memberIds[stage.partnerId]}`;
    expect((await stage.partnersAdmin.http.put(`${path}/administrator-roles`, { roles: [] })).status).toBe(200);
    await expectMails(stage, id, [
      'elevation.cancelled to Admin',
      'elevation.cancelled to Agent',
      'elevation.cancelled to Second admin',
      ...asked,
    ]);
    const mail = await world.mail.waitForMail({ to: stage.agent.email, kind: 'elevation.cancelled' });
    expect(mail.text).toContain('no longer exists');
  });

  it('halfway that the request waits, and at the deadline that nobody decided', async () => {
    const stage = await setElevationStage(world, { elevationPendingSeconds: 4 });
    const id = await askFor(stage);
    await expectMails(stage, id, [
      'elevation.expired to Admin',
      'elevation.expired to Agent',
      'elevation.expired to Second admin',
      'elevation.reminder to Admin',
      'elevation.reminder to Second admin',
      ...asked,
    ]);
    expect(await storedState(world, id)).toBe('expired');
    const { body } = await stage.agent.http.get(`/v1/elevations/${id}`);
    expect(body).toMatchObject({ status: 'expired', decidedAt: body.decideBy, notifications: { planned: 0, sent: 7 } });
    const [first, reminder] = ['elevation.requested', 'elevation.reminder'].map((kind) =>
      Date.parse(world.mail.mails().find((one) => one.kind === kind && one.text.includes(id))?.receivedAt ?? ''),
    );
    expect(Number(reminder) - Number(first)).toBeGreaterThan(1_000);
  });

  it.each([
    ['revoked', 'secondAdmin', 'revoke'],
    ['returned', 'agent', 'return'],
  ] as const)('that the grant was %s', async (status, who, verb) => {
    const stage = await setElevationStage(world);
    const id = await approvedFor(stage);
    expect(await mayWrite(stage.agent, stage.customerId)).toBe(true);
    await decide(stage[who], id, verb);
    expect(await mayWrite(stage.agent, stage.customerId)).toBe(false);
    expect(await storedState(world, id)).toBe(`approved, grant ${status}`);
    await expectMails(stage, id, [...granted, ...endings, ...asked]);
  });

  it('that an extension took the place of the grant, and the new one runs', async () => {
    const stage = await setElevationStage(world);
    const id = await approvedFor(stage);
    await world.mail.waitForMail({ to: stage.agent.email, kind: 'elevation.approved' });
    const extension = await askFor(stage, { durationSeconds: 2 });
    await decide(stage.admin, extension, 'approve');
    await expectMails(stage, id, [...granted, ...endings, ...asked]);
    expect(await storedState(world, id)).toBe('approved, grant superseded');
    await eventually(async () => expect(await storedState(world, extension)).toBe('approved, grant expired'));
    expect(await mayWrite(stage.agent, stage.customerId)).toBe(false);
  });

  it('even where the mail server hangs up between the mail and its answer: then twice, as the same mail', async () => {
    const stage = await setElevationStage(world);
    world.mail.failNext(1, 'drop-after-data', stage.admin.email);
    world.mail.failNext(1, 'reject-4xx', stage.secondAdmin.email);
    const id = await askFor(stage);
    await eventually(() => expect(mailsAbout(world, id, stage.everybody)).toEqual([asked[0], ...asked]));
    const ids = world.mail
      .mails()
      .filter((one) => one.text.includes(id) && one.to.includes(stage.admin.email))
      .map((one) => one.messageId);
    expect(new Set(ids).size).toBe(1);
    const view = async () => (await stage.agent.http.get(`/v1/elevations/${id}`)).body.notifications;
    await eventually(async () => expect(await view()).toEqual({ planned: 0, sent: 2, undeliverable: 0 }));
  });

  it('and a mailbox that does not exist is shown, while the others decide', async () => {
    const stage = await setElevationStage(world);
    world.mail.failNext(1, 'reject-5xx', stage.admin.email);
    const id = await askFor(stage);
    const view = async () => (await stage.agent.http.get(`/v1/elevations/${id}`)).body.notifications;
    await eventually(async () => expect(await view()).toEqual({ planned: 0, sent: 1, undeliverable: 1 }));
    await decide(stage.secondAdmin, id, 'approve');
    expect(await mayWrite(stage.agent, stage.customerId)).toBe(true);
  });

  it('in words that do nothing: neither HTML nor line breaks of a reason get out of their place', async () => {
    const stage = await setElevationStage(world);
    const id = await askFor(stage, {
      reason: '<script>alert(1)</script><img src=x onerror=alert(2)>\r\nBcc: everybody@example.com\r\n\r\n{{url}} <!--',
      ticket: 'INC-1\r\nBcc: everybody@example.com "><b>',
    });
    const mail = await world.mail.waitForMail({ to: stage.admin.email, kind: 'elevation.requested' });
    expect(mail.html).not.toMatch(/<script|<img src=x|<b>|<!-- *<\//i);
    expect(mail.html).toContain('&lt;script&gt;');
    expect(mail.text).toContain('{{url}}');
    expect(mail.headers).not.toHaveProperty('bcc');
    expect(mail.to).toEqual([stage.admin.email]);
    expect(mail.subject).not.toMatch(/[\r\n]/);
    expect(mail.html).toContain(`/elevations/${id}`);
  });
});

describe('a grant', () => {
  it('of one agent ends without touching that of another', async () => {
    const stage = await setElevationStage(world);
    const colleague = await person(world, 'Colleague', [{ in: stage.partnerId, roles: ['help_desk_advanced'] }]);
    const id = await approvedFor(stage);
    const theirs = await askFor(stage, { by: colleague, durationSeconds: 3 });
    await decide(stage.secondAdmin, theirs, 'approve');
    await decide(stage.admin, id, 'revoke');
    expect(await mayWrite(stage.agent, stage.customerId)).toBe(false);
    expect(await mayWrite(colleague, stage.customerId)).toBe(true);
    await eventually(async () => expect(await storedState(world, theirs)).toBe('approved, grant expired'));
    expect(await mayWrite(colleague, stage.customerId)).toBe(false);
    expect(await storedState(world, id)).toBe('approved, grant revoked');
  });

  it('goes on when the approver loses the role', async () => {
    const stage = await setElevationStage(world);
    const id = await approvedFor(stage);
    const demoted = await stage.secondAdmin.http.put(
      `/v1/organizations/${stage.customerId}/members/${stage.admin.memberIds[stage.customerId]}/administrator-roles`,
      { roles: [] },
    );
    expect(demoted.status).toBe(200);
    expect(await mayWrite(stage.agent, stage.customerId)).toBe(true);
    expect(await storedState(world, id)).toBe('approved, grant active');
  });

  it('ends with its cause when the agent loses the role', async () => {
    const stage = await setElevationStage(world);
    const id = await approvedFor(stage);
    const path = `/v1/organizations/${stage.partnerId}/members/${stage.agent.memberIds[stage.partnerId]}`;
    expect((await stage.partnersAdmin.http.put(`${path}/administrator-roles`, { roles: [] })).status).toBe(200);
    expect(await mayWrite(stage.agent, stage.customerId)).toBe(false);
    const { body } = await stage.admin.http.get(`/v1/elevations/${id}`);
    expect(body.grant).toMatchObject({ status: 'ended', endReason: 'role_lost' });
    await expectMails(stage, id, [...granted, ...endings, ...asked]);
  });

  it.each([
    ["update membership set administrator_roles = '{}' where account_id = ?", 'role'],
    ['update membership set removed_at = clock_timestamp() where account_id = ?', 'membership'],
    [
      `update relationship set active_until = clock_timestamp()
        where partner_id in (select organization_id from membership where account_id = ?)`,
      'relationship',
    ],
  ])('is worth nothing from the moment its precondition is gone, whoever took it away (%#: %s)', async (statement) => {
    const stage = await setElevationStage(world);
    const id = await approvedFor(stage);
    expect(await mayWrite(stage.agent, stage.customerId)).toBe(true);
    await world.database.transaction(asSystem, (em) => em.execute(statement, [stage.agent.accountId]));
    expect(await storedState(world, id)).toBe('approved, grant active');
    expect(await mayWrite(stage.agent, stage.customerId)).toBe(false);
  });

  it('opens the temporary settings, and nothing else', async () => {
    const stage = await setElevationStage(world);
    await approvedFor(stage);
    for (const setting of ['devices', 'licences_and_upgrades', 'organization_settings', 'app_integrations'])
      expect([setting, await mayWrite(stage.agent, stage.customerId, setting)]).toEqual([setting, true]);
    for (const setting of ['assign_administrator_roles', 'legal_hold', 'organization.authentication', 'no_such_thing'])
      expect([setting, await mayWrite(stage.agent, stage.customerId, setting)]).toEqual([setting, false]);
    const patched = await stage.agent.http.patch(`/v1/organizations/${stage.customerId}`, {
      policy: { elevationMaxSeconds: 86_400 },
    });
    expect(patched.status).toBe(403);
  });
});

describe('while the worker is stopped', () => {
  it('shown states follow the clock, and are written down once it is back', async () => {
    const pending = await setElevationStage(world, { elevationPendingSeconds: 1 });
    const running = await setElevationStage(world);
    await world.stopWorker();
    const unansweredId = await askFor(pending);
    const grantedId = await askFor(running, { durationSeconds: 1 });
    await decide(running.admin, grantedId, 'approve');

    expect((await pending.agent.http.get(`/v1/elevations/${unansweredId}?wait=5`)).body.status).toBe('expired');
    expect((await running.agent.http.get(`/v1/elevations/${grantedId}?wait=5`)).body.grant.status).toBe('expired');
    expect(await mayWrite(running.agent, running.customerId)).toBe(false);
    expect([await storedState(world, unansweredId), await storedState(world, grantedId)]).toEqual([
      'pending',
      'approved, grant active',
    ]);
    for (const verb of ['approve', 'deny'])
      expect(await pending.admin.http.post(`/v1/elevations/${unansweredId}/${verb}`)).toMatchObject({
        status: 409,
        body: { code: 'elevation_not_pending', state: { status: 'expired' } },
      });
    expect(await running.admin.http.post(`/v1/elevations/${grantedId}/revoke`)).toMatchObject({
      status: 409,
      body: { code: 'grant_not_active', state: { grant: 'expired' } },
    });
    const lists = [
      await pending.agent.http.get('/v1/elevations?status=expired'),
      await running.agent.http.get('/v1/grants?status=expired'),
    ];
    expect(lists.map(({ body }) => body.items.length)).toEqual([1, 1]);

    // What is overdue stands in nobody's way, and is closed by the clock, whoever comes across it.
    const again = await askFor(pending);
    expect(await storedState(world, unansweredId)).toBe('expired');
    const trail = await pending.admin.http.get(
      `/v1/organizations/${pending.customerId}/audit-events?subjectId=${unansweredId}&action=elevation.expired`,
    );
    expect(trail.body.items).toMatchObject([{ actor: { kind: 'clock', id: null } }]);

    await world.startWorker();
    await eventually(async () => {
      expect(await storedState(world, again)).toBe('expired');
      expect(await storedState(world, grantedId)).toBe('approved, grant expired');
    });
  });
});
