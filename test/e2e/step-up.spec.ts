import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generateSync } from 'otplib';
import { asSystem, Session } from '#persistence';
import { addMember, createCustomer, createPartner, mayWrite, testPassword } from '../support/people.ts';
import type { OrganizationWithFirst, Person } from '../support/people.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let partner: OrganizationWithFirst;
let customer: OrganizationWithFirst;
let agent: Person;

beforeAll(async () => {
  world = await createWorld();
  partner = await createPartner(world);
  customer = await createCustomer(world, partner);
  agent = await addMember(world, partner, { administratorRoles: ['help_desk_advanced'] });
}, 120_000);

afterAll(() => world?.stop());

const organization = () => `/v1/organizations/${customer.id}`;
const setAssurance = (approvalAssurance: string) =>
  customer.first.http.patch(organization(), { policy: { approvalAssurance } });
/** As if the person had signed in eleven minutes ago. */
const letTimePass = () =>
  world.database.transaction(asSystem, (em) =>
    em.nativeUpdate(
      Session,
      { accountId: customer.first.accountId },
      { authenticatedAt: new Date(Date.now() - 11 * 60_000), secondFactorAt: null },
    ),
  );
const ask = async () => {
  const asked = await agent.http.post('/v1/elevations', { customerId: customer.id, reason: 'Phones are silent' });
  return asked.body.id as string;
};

describe('a customer that asks for a fresh proof', () => {
  it('has none of its privileged acts done in a session that was left open, and all after a proof', async () => {
    expect((await customer.first.http.get(organization())).body.policy.approvalAssurance).toBe('session');
    expect((await setAssurance('recent')).body.policy.approvalAssurance).toBe('recent');
    const elevationId = await ask();
    await letTimePass();
    const approve = () => customer.first.http.post(`/v1/elevations/${elevationId}/approve`);
    const needed = {
      status: 403,
      body: { code: 'step_up_required', needed: 'recent', at: '/v1/sessions/current/proof' },
    };
    expect(await approve()).toMatchObject(needed);
    expect(await setAssurance('session')).toMatchObject(needed);
    expect(await customer.first.http.patch(organization(), { domains: ['harbour.example'] })).toMatchObject(needed);
    expect(await customer.first.http.post(`${organization()}/api-keys`, { name: 'Night shift' })).toMatchObject(needed);
    expect(await mayWrite(agent, customer.id)).toBe(false);

    const { body } = await customer.first.http.get(`${organization()}/audit-events?outcome=refused`);
    expect(body.items).toContainEqual(
      expect.objectContaining({
        action: 'elevation.approved',
        facts: expect.objectContaining({ code: 'step_up_required' }),
      }),
    );

    await customer.first.http.post('/v1/sessions/current/proof', { password: testPassword });
    expect(await approve()).toMatchObject({ status: 200, body: { status: 'approved' } });
    const { body: trail } = await customer.first.http.get(`${organization()}/audit-events?action=elevation.approved`);
    expect(trail.items[0].facts.signedIn).toMatchObject({ method: 'password', amr: ['pwd'] });

    await letTimePass();
    const revoke = () => customer.first.http.post(`/v1/elevations/${elevationId}/revoke`);
    expect(await revoke()).toMatchObject(needed);
    // Nobody proves anything for what is their own to give back, nor to say no.
    expect((await agent.http.post(`/v1/elevations/${elevationId}/return`)).status).toBe(200);
    const second = await ask();
    expect((await customer.first.http.post(`/v1/elevations/${second}/deny`)).status).toBe(200);
  });

  it('asks for more than a password where it wants a second factor', async () => {
    await customer.first.http.post('/v1/sessions/current/proof', { password: testPassword });
    const { secret } = (await customer.first.http.post('/v1/me/authenticator-app')).body;
    await customer.first.http.post('/v1/me/authenticator-app/confirm', { code: generateSync({ secret }) });
    expect((await setAssurance('second_factor')).status).toBe(200);
    const elevationId = await ask();
    const approve = () => customer.first.http.post(`/v1/elevations/${elevationId}/approve`);
    expect(await approve()).toMatchObject({ status: 403, body: { code: 'step_up_required', needed: 'second_factor' } });
    await customer.first.http.post('/v1/sessions/current/proof', { password: testPassword });
    expect((await approve()).status).toBe(403);
    // The digits of the enrolment are used; the ones after them are not, and are accepted ahead of time.
    const code = generateSync({ secret, epoch: Math.floor(Date.now() / 1000) + 30 });
    expect((await customer.first.http.post('/v1/sessions/current/proof', { code })).status).toBe(200);
    expect(await approve()).toMatchObject({ status: 200, body: { status: 'approved' } });
  });
});
