import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  addMember,
  createCustomer,
  createPartner,
  setAdministratorRoles,
  type OrganizationWithFirst,
  type Person,
} from '../support/people.ts';
import { levelOf, trailOf } from '../support/questions.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let partner: OrganizationWithFirst;
let customer: OrganizationWithFirst;
let basic: Person;
let advanced: Person;

beforeAll(async () => {
  world = await createWorld();
  partner = await createPartner(world);
  customer = await createCustomer(world, partner);
  basic = await addMember(world, partner, { administratorRoles: ['help_desk_basic'], displayName: 'Bela Kovacs' });
  advanced = await addMember(world, partner, { administratorRoles: ['help_desk_advanced'] });
}, 120_000);

afterAll(() => world?.stop());

const open = (agent: Person, customerId = customer.id, more: object = {}) =>
  agent.http.post('/v1/help-desk-sessions', { customerId, reason: 'Calls drop in the morning', ...more });

async function setSeconds(helpDeskSessionSeconds: number): Promise<void> {
  const changed = await customer.first.http.patch(`/v1/organizations/${customer.id}`, {
    policy: { helpDeskSessionSeconds },
  });
  expect(changed.status).toBe(200);
}

describe('a help-desk session', () => {
  it('is opened with a reason, granted at once, and lets Basic read what the table says', async () => {
    expect(await levelOf(basic, 'devices', customer.id)).toBe('none');
    const opened = await open(basic);
    expect(opened).toMatchObject({
      status: 201,
      body: {
        status: 'active',
        customerId: customer.id,
        partnerId: partner.id,
        holder: { id: basic.accountId, displayName: 'Bela Kovacs' },
        reason: 'Calls drop in the morning',
        grant: { status: 'active' },
      },
    });
    expect(opened.headers.get('location')).toBe(`/v1/help-desk-sessions/${opened.body.id}`);
    const { startsAt, expiresAt } = opened.body.grant;
    expect(Date.parse(expiresAt) - Date.parse(startsAt)).toBe(3_600_000);

    // A sample of the help-desk column of 4b, by hand.
    expect(await levelOf(basic, 'devices', customer.id)).toBe('read');
    expect(await levelOf(basic, 'users_and_licences', customer.id)).toBe('read');
    expect(await levelOf(basic, 'troubleshooting', customer.id)).toBe('write');
    expect(await levelOf(basic, 'retrieve_logs', customer.id)).toBe('write');
    expect(await levelOf(basic, 'assign_administrator_roles', customer.id)).toBe('none');
    expect(await levelOf(basic, 'legal_hold', customer.id)).toBe('none');

    const mail = await world.mail.waitForMail({ to: customer.first.email, kind: 'help-desk-session.opened' }, 15_000);
    expect(mail.text).toContain('Calls drop in the morning');
    const returned = await basic.http.post(`/v1/help-desk-sessions/${opened.body.id}/return`);
    expect(returned).toMatchObject({ status: 200, body: { status: 'returned', grant: { status: 'returned' } } });
    expect(await levelOf(basic, 'devices', customer.id)).toBe('none');
    await world.mail.waitForMail({ to: basic.email, kind: 'help-desk-session.ended' }, 15_000);
    await world.mail.waitForMail({ to: customer.first.email, kind: 'help-desk-session.ended' }, 15_000);
    expect((await basic.http.post(`/v1/help-desk-sessions/${opened.body.id}/return`)).status).toBe(200);
    expect(await trailOf(customer.first.http, customer.id, opened.body.id)).toEqual([
      'help-desk-session.opened',
      'help-desk-session.used',
      'help-desk-session.returned',
    ]);
  });

  it('is not opened without a reason, without a help-desk role or with a foreign customer', async () => {
    expect((await basic.http.post('/v1/help-desk-sessions', { customerId: customer.id })).status).toBe(400);
    expect(await open(partner.first)).toMatchObject({ status: 403, body: { code: 'not_help_desk' } });
    expect(await open(customer.first)).toMatchObject({ status: 403, body: { code: 'not_help_desk' } });
    const elsewhere = await createPartner(world, 'Elsewhere');
    const foreign = await createCustomer(world, elsewhere, 'Foreign');
    expect((await open(basic, foreign.id)).status).toBe(404);
  });

  it('is one at a time per agent and customer', async () => {
    const first = await open(advanced);
    expect(first.status).toBe(201);
    expect(await open(advanced)).toMatchObject({
      status: 409,
      body: { code: 'session_already_open', state: { id: first.body.id, status: 'active' } },
    });
    const other = await open(basic);
    expect(other.status).toBe(201);
    await Promise.all([
      advanced.http.post(`/v1/help-desk-sessions/${first.body.id}/return`),
      basic.http.post(`/v1/help-desk-sessions/${other.body.id}/return`),
    ]);
    const both = await Promise.all([open(basic), open(basic)]);
    expect(both.map(({ status }) => status).toSorted((one, next) => one - next)).toEqual([201, 409]);
    await basic.http.post(`/v1/help-desk-sessions/${both.find(({ status }) => status === 201)?.body.id}/return`);
  });

  it('repeated with the same key is the same session', async () => {
    const headers = { 'Idempotency-Key': 'look-into-it' };
    const body = { customerId: customer.id, reason: 'Again' };
    const first = await basic.http.post('/v1/help-desk-sessions', body, headers);
    const second = await basic.http.post('/v1/help-desk-sessions', body, headers);
    expect(second).toMatchObject({ status: 201, body: { id: first.body.id } });
    await basic.http.post(`/v1/help-desk-sessions/${first.body.id}/return`);
  });

  it('is seen by the customer, among the grants too, and ended by its full administrator', async () => {
    const agent = await addMember(world, partner, { administratorRoles: ['help_desk_advanced'] });
    const { body } = await open(agent);
    const grants = await customer.first.http.get(`/v1/grants?organizationId=${customer.id}&status=active`);
    expect(grants.body.items).toMatchObject([
      { id: body.grant.id, kind: 'help-desk-session', sourceId: body.id, account: { id: agent.accountId } },
    ]);
    const listed = await customer.first.http.get(`/v1/help-desk-sessions?customerId=${customer.id}&status=active`);
    expect(listed.body.items.map(({ id }: { id: string }) => id)).toEqual([body.id]);
    expect(await levelOf(agent, 'devices', customer.id)).toBe('read');

    const colleague = await basic.http.get(`/v1/help-desk-sessions/${body.id}`);
    expect(colleague.status).toBe(404);
    expect((await basic.http.post(`/v1/help-desk-sessions/${body.id}/return`)).status).toBe(404);
    expect(await partner.first.http.post(`/v1/help-desk-sessions/${body.id}/return`)).toMatchObject({
      status: 403,
      body: { code: 'not_your_request' },
    });
    expect(await agent.http.post(`/v1/help-desk-sessions/${body.id}/return`, { reason: 'Done' })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/reason' }] },
    });
    expect(await partner.first.http.post(`/v1/help-desk-sessions/${body.id}/revoke`)).toMatchObject({
      status: 403,
      body: { code: 'not_full_administrator' },
    });

    const waiting = agent.http.get(`/v1/help-desk-sessions/${body.id}?wait=10`);
    const revoked = await customer.first.http.post(`/v1/help-desk-sessions/${body.id}/revoke`, {
      reason: 'We had not called',
    });
    expect(revoked).toMatchObject({
      status: 200,
      body: { status: 'revoked', grant: { endReason: 'We had not called' } },
    });
    expect((await waiting).body.status).toBe('revoked');
    expect(await levelOf(agent, 'devices', customer.id)).toBe('none');
    const mail = await world.mail.waitForMail({ to: agent.email, kind: 'help-desk-session.ended' }, 15_000);
    expect(mail.text).toContain('We had not called');
    expect(await agent.http.post(`/v1/help-desk-sessions/${body.id}/return`)).toMatchObject({
      status: 409,
      body: { code: 'grant_not_active', state: { status: 'revoked' } },
    });
  });

  it('ends by the clock, and a new one can be opened at that moment', async () => {
    await setSeconds(1);
    const { body } = await open(advanced);
    const over = await advanced.http.get(`/v1/help-desk-sessions/${body.id}?wait=5`);
    expect(over.body).toMatchObject({ status: 'expired', grant: { endedAt: body.grant.expiresAt } });
    expect(await levelOf(advanced, 'devices', customer.id)).toBe('none');
    await setSeconds(3600);
    const next = await open(advanced);
    expect(next.status).toBe(201);
    expect(await trailOf(customer.first.http, customer.id, body.id)).toEqual([
      'help-desk-session.opened',
      'help-desk-session.ended',
    ]);
    await advanced.http.post(`/v1/help-desk-sessions/${next.body.id}/return`);
  });

  it('ends with the role, in the same moment and with its reason', async () => {
    const agent = await addMember(world, partner, { administratorRoles: ['help_desk_basic'] });
    const { body } = await open(agent);
    expect(await levelOf(agent, 'devices', customer.id)).toBe('read');
    await setAdministratorRoles(partner, agent, []);
    expect(await levelOf(agent, 'devices', customer.id)).toBe('none');
    const ended = await customer.first.http.get(`/v1/help-desk-sessions/${body.id}`);
    expect(ended.body).toMatchObject({ status: 'ended', grant: { status: 'ended', endReason: 'role_lost' } });
    expect(await trailOf(partner.first.http, partner.id, body.id)).toEqual([
      'help-desk-session.opened',
      'help-desk-session.used',
      'help-desk-session.ended',
    ]);
  });

  it('outlives the change from Basic to Advanced, since the right to it holds', async () => {
    const agent = await addMember(world, partner, { administratorRoles: ['help_desk_basic'] });
    const { body } = await open(agent);
    await setAdministratorRoles(partner, agent, ['help_desk_advanced']);
    expect((await agent.http.get(`/v1/help-desk-sessions/${body.id}`)).body.status).toBe('active');
    expect(await levelOf(agent, 'devices', customer.id)).toBe('read');
  });

  it('is nothing to anybody of another tenant', async () => {
    const { body } = await open(basic);
    const stranger = (await createPartner(world, 'Stranger')).first;
    for (const answer of [
      await stranger.http.get(`/v1/help-desk-sessions/${body.id}`),
      await stranger.http.post(`/v1/help-desk-sessions/${body.id}/return`),
      await stranger.http.post(`/v1/help-desk-sessions/${body.id}/revoke`),
      await stranger.http.get(`/v1/grants/${body.grant.id}`),
    ])
      expect(answer.status).toBe(404);
    expect((await stranger.http.get('/v1/help-desk-sessions')).body.items).toEqual([]);
  });
});
