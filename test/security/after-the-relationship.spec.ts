import { apiKeyScopes } from '#access';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asSystem, Session } from '#persistence';
import { eventually } from '../support/eventually.ts';
import { HttpClient } from '../support/http-client.ts';
import {
  acceptInvite,
  addMember,
  createCustomer,
  createPartner,
  signIn,
  type OrganizationWithFirst,
} from '../support/people.ts';
import { createWorld, type World } from '../support/world.ts';

/** Domain 8: what came by a relationship ends with it, and a key with its maker. Each was carried out once. */
let world: World;
let partner: OrganizationWithFirst;

beforeAll(async () => {
  world = await createWorld();
  partner = await createPartner(world);
}, 180_000);

afterAll(() => world?.stop());

async function endRelationship(customer: OrganizationWithFirst): Promise<void> {
  const path = `/v1/organizations/${customer.id}/relationships`;
  const [{ id }] = (await customer.first.http.get(path)).body.items;
  expect((await customer.first.http.delete(`${path}/${id}`)).status).toBe(204);
}

const invite = (by: HttpClient, customer: Pick<OrganizationWithFirst, 'id'>, email: string, more: object) =>
  by.post(`/v1/organizations/${customer.id}/invites`, { email, displayName: 'Invited', ...more });

const makeKey = (by: HttpClient, organizationId: string, roles: object) =>
  by.post(`/v1/organizations/${organizationId}/api-keys`, {
    name: 'Provisioning',
    scopes: [...apiKeyScopes],
    ...roles,
  });

describe('after the relationship has ended', () => {
  it("the partner's person whom it made a member reads neither members nor trail", async () => {
    const customer = await createCustomer(world, partner);
    const consultant = await addMember(world, partner);
    const invited = await invite(partner.first.http, customer, consultant.email, {
      administratorRoles: ['read_only_administrator'],
    });
    expect(invited.status).toBe(201);
    const mail = await world.mail.waitForMail({ to: consultant.email, kind: 'invite.welcome' }, 15_000);
    const token = /\/invites\/(cs_invite_[\w-]+)/.exec(mail.text ?? '')?.[1];
    expect((await consultant.http.post('/v1/invites/accept', { token })).status).toBe(200);
    const people = `/v1/organizations/${customer.id}/members`;
    expect((await consultant.http.get(people)).status).toBe(200);
    // As the customer's own single sign-on opens it: for the customer alone.
    const there = await signIn(world, consultant.email);
    await world.database.transaction(asSystem, async (em) => {
      const session = await em.findOneOrFail(Session, { accountId: consultant.accountId }, { orderBy: { id: 'desc' } });
      Object.assign(session, { organizationId: customer.id, method: 'sso' });
    });

    await endRelationship(customer);
    expect((await there.get('/v1/me')).status).toBe(401);
    expect((await consultant.http.get('/v1/me')).status).toBe(200);
    for (const path of [people, `/v1/organizations/${customer.id}/audit-events`, `/v1/organizations/${customer.id}`])
      expect((await consultant.http.get(path)).status).toBe(404);
    await world.mail.waitForMail({ to: consultant.email, kind: 'membership.removed' }, 15_000);
  });

  it('a second address it made full administrator has lost the office, unless somebody there confirmed it', async () => {
    const office = { administratorRoles: ['full_administrator'] };
    const addresses = [`one@${partner.slug}.mailbox.example`, `other@${partner.slug}.mailbox.example`] as const;
    // Before the customer has somebody of its own: from then on it takes the customer's yes.
    const customer = await createCustomer(world, partner, 'Harbour', async (id) => {
      for (const email of addresses) expect((await invite(partner.first.http, { id }, email, office)).status).toBe(201);
    });
    const one = await acceptInvite(world, addresses[0], 'Chosen', customer.id);
    const other = await acceptInvite(world, addresses[1], 'Chosen', customer.id);
    const people = `/v1/organizations/${customer.id}/members`;
    expect((await customer.first.http.post(`${people}/${other.memberId}/confirm`)).status).toBe(200);
    await endRelationship(customer);
    expect((await customer.first.http.get(`${people}/${one.memberId}`)).body.administratorRoles).toEqual([]);
    expect((await customer.first.http.get(`${people}/${other.memberId}`)).body.administratorRoles).toEqual([
      'full_administrator',
    ]);
  });

  it('a key, a webhook and an invite of its people do nothing more, and each of them is told', async () => {
    const customer = await createCustomer(world, partner);
    const key = await makeKey(partner.first.http, customer.id, { administratorRoles: ['full_administrator'] });
    expect(key.status).toBe(201);
    const service = new HttpClient(world.baseUrl, key.body.token);
    expect((await service.get(`/v1/organizations/${customer.id}/members`)).status).toBe(200);
    const open = await invite(partner.first.http, customer, `late@${customer.slug}.example`, {
      administratorRoles: ['device_administrator'],
    });
    const hooks = `/v1/organizations/${customer.id}/webhooks`;
    const hook = await partner.first.http.post(hooks, { url: 'https://hooks.northwind.example/' });
    const own = await customer.first.http.post(hooks, { url: 'https://hooks.harbour.example/' });
    expect([hook.status, own.status]).toEqual([201, 201]);
    await endRelationship(customer);
    expect((await service.get(`/v1/organizations/${customer.id}/members`)).status).toBe(401);
    const state = await customer.first.http.get(`/v1/organizations/${customer.id}/invites/${open.body.id}`);
    expect(state.body.status).toBe('cancelled');
    const trail = await customer.first.http.get(`/v1/organizations/${customer.id}/audit-events?action=api-key.ended`);
    expect(trail.body.items).toMatchObject([{ facts: { cause: 'relationship_ended' } }]);
    expect((await customer.first.http.get(`${hooks}/${hook.body.id}`)).body).toMatchObject({
      status: 'disabled',
      disabledReason: 'right_lost',
    });
    expect((await customer.first.http.get(`${hooks}/${own.body.id}`)).body.status).not.toBe('disabled');

    // Whoever it answered to hears of each; the one who ended the relationship knows.
    const told = (email: string) =>
      world.mail
        .mails()
        .filter(({ kind, to, text }) => kind === 'organization.connection-ended' && to.includes(email) && text)
        .map(({ text }) => (text.split('\n')[0] ?? '').replaceAll('\u200c', ''))
        .sort();
    await eventually(
      () =>
        expect(told(partner.first.email)).toEqual([
          'The API key Provisioning has ended',
          `The invite for late@${customer.slug}.example has ended`,
          'The webhook to hooks.northwind.example has ended',
        ]),
      15_000,
    );
    expect(told(customer.first.email)).toEqual([]);
  });
});

describe('a key', () => {
  it('ends with the right of its maker, by the loss of the role or of the membership', async () => {
    const customer = await createCustomer(world, partner);
    const maker = await addMember(world, customer, { workspaceRole: 'full_access' });
    const made = await makeKey(maker.http, customer.id, { workspaceRole: 'full_access' });
    expect(made.status).toBe(201);
    const service = new HttpClient(world.baseUrl, made.body.token);
    const members = `/v1/organizations/${customer.id}/members`;
    expect((await service.get(members)).status).toBe(200);
    expect((await customer.first.http.delete(`${members}/${maker.memberId}`)).status).toBe(204);
    expect((await service.get(members)).status).toBe(401);
  });

  it('gives its maker no roles and takes none away', async () => {
    const customer = await createCustomer(world, partner);
    const made = await makeKey(customer.first.http, customer.id, { administratorRoles: ['full_administrator'] });
    const service = new HttpClient(world.baseUrl, made.body.token);
    const member = `/v1/organizations/${customer.id}/members/${customer.first.memberId}`;
    expect(
      await service.put(`${member}/administrator-roles`, { roles: ['full_administrator', 'compliance_officer'] }),
    ).toMatchObject({ status: 403, body: { code: 'own_role' } });
    expect(await service.delete(member)).toMatchObject({ status: 403, body: { code: 'own_role' } });
    const http = await signIn(world, customer.first.email);
    expect((await http.get(member)).body.administratorRoles).toEqual(['full_administrator']);
  });
});
