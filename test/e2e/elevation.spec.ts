import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  addMember,
  createCustomer,
  createPartner,
  mayWrite,
  type OrganizationWithFirst,
  type Person,
} from '../support/people.ts';
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
      'elevation.grant-expired',
    ]);
  });
});
