import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asSystem, Organization, RoleAppointment } from '#persistence';
import { person } from '../support/cast.ts';
import { eventually } from '../support/eventually.ts';
import { HttpClient } from '../support/http-client.ts';
import {
  acceptInvite,
  addMember,
  createCustomer,
  createPartner,
  setAdministratorRoles,
  type OrganizationWithFirst,
  type Person,
} from '../support/people.ts';
import { createWorld, type World } from '../support/world.ts';

/** Domain 8: the asking side makes itself an approver, by every way it has to give the role. Each was carried out once. */
let world: World;
let partner: OrganizationWithFirst;
let agent: Person;

beforeAll(async () => {
  world = await createWorld();
  partner = await createPartner(world);
  agent = await addMember(world, partner, { administratorRoles: ['help_desk_advanced'] });
}, 180_000);

afterAll(() => world?.stop());

const ask = (customer: OrganizationWithFirst) =>
  agent.http.post('/v1/elevations', { customerId: customer.id, reason: 'Phones do not register' });
const approve = (who: HttpClient, elevationId: string) => who.post(`/v1/elevations/${elevationId}/approve`);
const approveChange = (who: HttpClient, id: string) => who.post(`/v1/change-requests/${id}/approve`);
const confirm = (who: HttpClient, organization: OrganizationWithFirst, { memberId }: Person) =>
  who.post(`/v1/organizations/${organization.id}/members/${memberId}/confirm`);

let counter = 0;
const administratorAt = (email: string, displayName = 'Second Address') => ({
  email,
  displayName,
  administratorRoles: ['full_administrator'],
});
const mailbox = () => `second-${(counter += 1)}@mailbox.example`;
const appoint = (by: HttpClient, customerId: string, email: string, name?: string) =>
  by.post(`/v1/organizations/${customerId}/invites`, administratorAt(email, name));

/**
 * A customer with a full administrator whom the partner chose. While the customer has one of its own that takes the
 * customer's yes; before its first person is there, nobody could say it.
 */
async function customerWithAppointee(): Promise<{ customer: OrganizationWithFirst; second: Person }> {
  const email = mailbox();
  const customer = await createCustomer(world, partner, 'Harbour', async (customerId) => {
    expect((await appoint(partner.first.http, customerId, email)).status).toBe(201);
  });
  return { customer, second: await acceptInvite(world, email, 'Second Address', customer.id) };
}

/** What is not made at once: nobody holds the office but the founding person. */
async function expectNotAppointed(customer: OrganizationWithFirst): Promise<void> {
  const people = `/v1/organizations/${customer.id}`;
  const holders = await customer.first.http.get(`${people}/members?administratorRole=full_administrator`);
  expect(holders.body.items.map(({ id }: { id: string }) => id)).toEqual([customer.first.memberId]);
  const invites = await customer.first.http.get(`${people}/invites?status=pending`);
  expect(invites.body.items).toEqual([]);
  expect((await ask(customer)).body.eligibleApprovers).toEqual({ count: 1, names: ['Harbour First'] });
}

/** The story of every row: what is asked for is not approved by this person, and still is by the founding one. */
async function expectNoApproval(customer: OrganizationWithFirst, by: Person): Promise<void> {
  const asked = await ask(customer);
  expect(asked.body.eligibleApprovers).toEqual({ count: 1, names: ['Harbour First'] });
  expect(await approve(by.http, asked.body.id)).toMatchObject({
    status: 403,
    body: { code: 'approver_not_confirmed' },
  });
  expect((await customer.first.http.get(`/v1/elevations/${asked.body.id}`)).body.grant).toBeNull();
  expect((await by.http.post(`/v1/elevations/${asked.body.id}/deny`)).status).toBe(200);
}

describe('the asking side as its own approver', () => {
  it("does not come to be by a second address that the partner's administrator invites", async () => {
    const customer = await createCustomer(world, partner);
    // An address of their own, that of a colleague, and their very own.
    for (const email of [mailbox(), agent.email, partner.first.email])
      expect(await appoint(partner.first.http, customer.id, email)).toMatchObject({
        status: 409,
        body: { code: 'change_request_required', proposal: { kind: 'appointment', email } },
      });
    await expectNotAppointed(customer);
  });

  it('does not come to be in a list of many invites', async () => {
    const customer = await createCustomer(world, partner);
    const sent = await partner.first.http.post(`/v1/organizations/${customer.id}/invites/batch`, {
      invites: [administratorAt(mailbox())],
    });
    expect(sent.status).toBe(202);
    await eventually(async () => {
      const { body } = await partner.first.http.get(sent.headers.get('location') ?? '');
      expect(body).toMatchObject({ status: 'finished', invited: 0, failed: 1 });
      expect(body.rows).toMatchObject([{ code: 'change_request_required' }]);
    }, 15_000);
    await expectNotAppointed(customer);
  });

  it('does not come to be as a member who gets the role, by a key of the partner, or by somebody with a lesser role there', async () => {
    const customer = await createCustomer(world, partner);
    const member = await addMember(world, customer);
    const roles = `/v1/organizations/${customer.id}/members/${member.memberId}/administrator-roles`;
    const both = await person(world, 'Both', [
      { in: customer.id, roles: ['device_administrator'] },
      { in: partner.id, roles: ['partner_full_administrator'] },
    ]);
    const made = await partner.first.http.post(`/v1/organizations/${customer.id}/api-keys`, {
      name: 'Provisioning',
      administratorRoles: ['full_administrator'],
      scopes: ['members:write'],
    });
    for (const by of [partner.first.http, both.http, new HttpClient(world.baseUrl, made.body.token)])
      expect(await by.put(roles, { roles: ['full_administrator'] })).toMatchObject({
        status: 409,
        body: { code: 'change_request_required', proposal: { kind: 'appointment', memberId: member.memberId } },
      });
    await expectNotAppointed(customer);
  });

  it('does not approve by an address that the partner invited before anybody was there', async () => {
    const { customer, second } = await customerWithAppointee();
    await expectNoApproval(customer, second);

    const told = await world.mail.waitForMail(
      { to: customer.first.email, kind: 'membership.full-administrators-changed' },
      15_000,
    );
    expect(told.text).toContain('Second Address is now a full administrator');
    expect(told.text).toContain('for the partner Northwind');
    const seen = await customer.first.http.get(`/v1/organizations/${customer.id}/members/${second.memberId}`);
    expect(seen.body).toMatchObject({
      confirmed: false,
      provenance: [
        {
          role: 'full_administrator',
          right: 'partner_full_administrator',
          partnerId: partner.id,
          founding: false,
          givenBy: { kind: 'account', id: partner.first.accountId },
          confirmedBy: null,
        },
      ],
    });
  });

  it('does not approve over two hops: an appointee of the appointee', async () => {
    const { customer, second } = await customerWithAppointee();
    const third = await addMember(world, customer);
    await setAdministratorRoles({ ...customer, first: second }, third, ['full_administrator']);
    await expectNoApproval(customer, third);
    expect(await confirm(third.http, customer, second)).toMatchObject({ body: { code: 'approver_not_confirmed' } });
    expect(await confirm(second.http, customer, third)).toMatchObject({ body: { code: 'approver_not_confirmed' } });
  });

  it('does not approve once the honest ones are gone: nobody can, and asking says so', async () => {
    const { customer, second } = await customerWithAppointee();
    await setAdministratorRoles({ ...customer, first: partner.first }, customer.first, []);
    expect(await ask(customer)).toMatchObject({ status: 409, body: { code: 'no_eligible_approver' } });
    expect(await confirm(second.http, customer, second)).toMatchObject({ status: 403, body: { code: 'own_role' } });
    // Whoever holds the office hears that somebody lost it.
    await eventually(() => {
      const told = world.mail.mails().filter(({ to }) => to.includes(second.email));
      expect(told.some(({ text }) => text.includes('Harbour First is no longer a full administrator'))).toBe(true);
    }, 15_000);
  });

  it('does not approve as somebody of the partner, in a session that opens the customer alone, whatever is asked', async () => {
    const customer = await createCustomer(world, partner);
    const both = await person(world, 'Both', [
      { in: customer.id, roles: ['full_administrator'] },
      { in: partner.id, roles: [] },
    ]);
    const asked = await ask(customer);
    const seller = await addMember(world, partner, { administratorRoles: ['partner_administrator'] });
    const administering = await seller.http.post('/v1/external-administrator-requests', {
      customerId: customer.id,
      reason: 'Order 4711',
    });
    const proposed = await partner.first.http.post(`/v1/organizations/${customer.id}/change-requests`, {
      kind: 'appointment',
      email: mailbox(),
      reason: 'The present administrator leaves in May',
    });
    expect([administering.status, proposed.status]).toEqual([201, 201]);
    const role = { email: seller.email, role: 'provisioning_administrator' };
    const questions = [
      [`/v1/elevations/${asked.body.id}`, {}],
      [`/v1/external-administrator-requests/${administering.body.id}`, role],
      [`/v1/change-requests/${proposed.body.id}`, {}],
    ] as const;
    await world.database.transaction(asSystem, (em) =>
      em.nativeUpdate(Organization, { id: partner.id }, { loginMethods: ['sso'] }),
    );
    try {
      const refused = { status: 403, body: { code: 'approver_in_requesting_partner' } };
      for (const [path, answer] of questions) {
        expect(await both.http.post(`${path}/approve`, answer)).toMatchObject(refused);
        expect(await both.http.post(`${path}/deny`)).toMatchObject(refused);
      }
    } finally {
      await world.database.transaction(asSystem, (em) =>
        em.nativeUpdate(Organization, { id: partner.id }, { loginMethods: ['password'] }),
      );
    }
  });
});

describe('confirming', () => {
  it("makes the partner's appointee an approver, is told and on record, and happens once", async () => {
    const { customer, second } = await customerWithAppointee();
    expect(await confirm(partner.first.http, customer, second)).toMatchObject({
      status: 403,
      body: { code: 'not_full_administrator' },
    });
    const confirmed = await confirm(customer.first.http, customer, second);
    expect(confirmed).toMatchObject({
      status: 200,
      body: { confirmed: true, provenance: [{ confirmedBy: { id: customer.first.accountId } }] },
    });
    expect((await confirm(customer.first.http, customer, second)).body).toEqual(confirmed.body);

    const asked = await ask(customer);
    expect(asked.body.eligibleApprovers.count).toBe(2);
    expect((await approve(second.http, asked.body.id)).status).toBe(200);
    const trail = await customer.first.http.get(
      `/v1/organizations/${customer.id}/audit-events?action=membership.full-administrator-confirmed&outcome=success`,
    );
    expect(trail.body.items).toHaveLength(1);
  });

  it('and taking the confirming right away: whoever is first counts, and nobody is confirmed by nobody', async () => {
    for (let round = 0; round < 6; round += 1) {
      const { customer, second } = await customerWithAppointee();
      const honest = await addMember(world, customer, { administratorRoles: ['full_administrator'] });
      const [confirmation, revocation] = await Promise.all([
        confirm(honest.http, customer, second),
        customer.first.http.put(`/v1/organizations/${customer.id}/members/${honest.memberId}/administrator-roles`, {
          roles: [],
        }),
      ]);
      expect(revocation.status).toBe(200);
      expect([200, 403, 404]).toContain(confirmation.status);
      const [appointment] = await world.database.transaction(asSystem, (em) =>
        em.find(RoleAppointment, { membershipId: second.memberId, endedAt: null }),
      );
      expect(appointment?.confirmedById ?? null).toBe(confirmation.status === 200 ? honest.accountId : null);
      const asked = await ask(customer);
      expect((await approve(second.http, asked.body.id)).status).toBe(confirmation.status === 200 ? 200 : 403);
    }
  }, 120_000);

  it('and ending the relationship that the office came by: it stays where the yes was first, and goes where not', async () => {
    for (let round = 0; round < 6; round += 1) {
      const { customer, second } = await customerWithAppointee();
      const relationships = `/v1/organizations/${customer.id}/relationships`;
      const [{ id }] = (await customer.first.http.get(relationships)).body.items;
      const [confirmation, end] = await Promise.all([
        confirm(customer.first.http, customer, second),
        customer.first.http.delete(`${relationships}/${id}`),
      ]);
      expect(end.status).toBe(204);
      const member = await customer.first.http.get(`/v1/organizations/${customer.id}/members/${second.memberId}`);
      const isConfirmed = confirmation.status === 200;
      expect(isConfirmed || confirmation.body.code).toBe(isConfirmed || 'member_not_full_administrator');
      expect(member.body.administratorRoles).toEqual(isConfirmed ? ['full_administrator'] : []);
      const [appointment] = await world.database.transaction(asSystem, (em) =>
        em.find(RoleAppointment, { membershipId: second.memberId, endedAt: null }),
      );
      expect(appointment?.confirmedById ?? null).toBe(isConfirmed ? customer.first.accountId : null);
      expect(appointment === undefined).toBe(!isConfirmed);
    }
  }, 120_000);

  it('by agreeing to an appointment, and taking that right away: whoever is first counts', async () => {
    for (let round = 0; round < 6; round += 1) {
      const customer = await createCustomer(world, partner);
      const honest = await addMember(world, customer, { administratorRoles: ['full_administrator'] });
      const member = await addMember(world, customer);
      const proposed = await partner.first.http.post(`/v1/organizations/${customer.id}/change-requests`, {
        kind: 'appointment',
        memberId: member.memberId,
        reason: 'The present administrator leaves in May',
      });
      expect(proposed.status).toBe(201);
      const people = `/v1/organizations/${customer.id}/members`;
      const [agreed, revoked] = await Promise.all([
        approveChange(honest.http, proposed.body.id),
        customer.first.http.put(`${people}/${honest.memberId}/administrator-roles`, { roles: [] }),
      ]);
      expect(revoked.status).toBe(200);
      expect([200, 403, 404]).toContain(agreed.status);
      const made = agreed.status === 200;
      const { body } = await customer.first.http.get(`${people}/${member.memberId}`);
      expect(body.administratorRoles).toEqual(made ? ['full_administrator'] : []);
      const asked = await ask(customer);
      expect(asked.body.eligibleApprovers.count).toBe(made ? 2 : 1);
      expect((await approve(member.http, asked.body.id)).status).toBe(made ? 200 : 404);
    }
  }, 120_000);
});
