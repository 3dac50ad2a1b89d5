import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asSystem, ExternalAdministratorRequest, Membership, Relationship } from '#persistence';
import {
  addMember,
  createCustomer,
  createPartner,
  setAdministratorRoles,
  signIn,
  type OrganizationWithFirst,
  type Person,
} from '../support/people.ts';
import { levelOf, question, trailOf } from '../support/questions.ts';
import { supportTeam } from '../support/support-team.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let partner: OrganizationWithFirst;
let harbour: OrganizationWithFirst;
let meadow: OrganizationWithFirst;

beforeAll(async () => {
  world = await createWorld();
  partner = await createPartner(world);
  harbour = await createCustomer(world, partner, 'Harbour');
  meadow = await createCustomer(world, partner, 'Meadow');
}, 120_000);

afterAll(() => world?.stop());

const member = (person: Person, part = '') =>
  `/v1/organizations/${person.organizationId}/members/${person.memberId}${part}`;
const assign = (by: Person, to: Person, customerIds: string[]) =>
  by.http.put(member(to, '/customers'), { customerIds });
const setRoles = (by: Person, to: Person, roles: string[]) =>
  by.http.put(member(to, '/administrator-roles'), { roles });
const listOf = async (person: Person, query = ''): Promise<string[]> => {
  const listed = await person.http.get(`/v1/organizations/${partner.id}/customers${query}`);
  expect(listed.status).toBe(200);
  return listed.body.items.map(({ id }: { id: string }) => id).sort();
};
const sorted = (...organizations: OrganizationWithFirst[]) => organizations.map(({ id }) => id).sort();
const loginOf = async (person: Person) => (await person.http.get('/v1/me')).body.memberships[0].login;

describe('assigning', () => {
  it('starts with the first user of a partner, who has both roles and assigns', async () => {
    const me = await partner.first.http.get('/v1/me');
    expect(me.body.memberships[0].administratorRoles).toEqual(['full_administrator', 'partner_full_administrator']);
    const colleague = await addMember(world, partner);
    expect(await setRoles(partner.first, colleague, ['device_administrator', 'help_desk_basic'])).toMatchObject({
      status: 200,
      body: { administratorRoles: ['device_administrator', 'help_desk_basic'] },
    });
  });

  it('lets a full administrator give every administrator role, and several roles are a union', async () => {
    const full = await addMember(world, partner, { administratorRoles: ['full_administrator'] });
    const colleague = await addMember(world, partner);
    expect(await levelOf(colleague, 'legal_hold', partner.id)).toBe('none');
    const roles = [
      'read_only_administrator',
      'compliance_officer',
      'device_administrator',
      'partner_read_only_administrator',
    ];
    expect((await setRoles(full, colleague, roles)).status).toBe(200);
    expect(await levelOf(colleague, 'legal_hold', partner.id)).toBe('write');
    expect(await levelOf(colleague, 'devices', partner.id)).toBe('write');
    expect(await levelOf(colleague, 'site_management', partner.id)).toBe('read');
    expect(await levelOf(colleague, 'devices', harbour.id)).toBe('read');
  });

  it('lets a partner full administrator give roles and assign customers; nobody else assigns customers', async () => {
    const partnerFull = await addMember(world, partner, { administratorRoles: ['partner_full_administrator'] });
    const full = await addMember(world, partner, { administratorRoles: ['full_administrator'] });
    const colleague = await addMember(world, partner);
    expect((await setRoles(partnerFull, colleague, ['partner_administrator'])).status).toBe(200);
    for (const person of [full, colleague]) {
      const refused = await assign(person, colleague, [harbour.id]);
      expect(refused).toMatchObject({ status: 403, body: { code: 'not_partner_full_administrator' } });
    }
    expect((await assign(harbour.first, colleague, [harbour.id])).status).toBe(404);
    expect(await assign(partnerFull, colleague, [harbour.id])).toMatchObject({
      status: 200,
      body: { customerIds: [harbour.id] },
    });
    expect(await assign(partnerFull, full, [harbour.id])).toMatchObject({
      status: 409,
      body: { code: 'member_not_partner_administrator' },
    });
    expect(await setRoles(colleague, full, [])).toMatchObject({
      status: 403,
      body: { code: 'may_not_assign_administrator_roles' },
    });
  });

  it('opens assigned customers only, from and to the next question', async () => {
    const administrator = await addMember(world, partner, { administratorRoles: ['partner_administrator'] });
    expect(await levelOf(administrator, 'devices', harbour.id)).toBe('none');
    await assign(partner.first, administrator, [harbour.id]);
    expect(await levelOf(administrator, 'devices', harbour.id)).toBe('write');
    expect(await levelOf(administrator, 'users_and_licences', harbour.id)).toBe('read');
    expect(await levelOf(administrator, 'devices', meadow.id)).toBe('none');
    expect(await listOf(administrator)).toEqual([harbour.id]);
    await assign(partner.first, administrator, [meadow.id]);
    expect(await levelOf(administrator, 'devices', harbour.id)).toBe('none');
    expect(await levelOf(administrator, 'devices', meadow.id)).toBe('write');
    expect((await administrator.http.get(`/v1/organizations/${harbour.id}`)).status).toBe(404);
  });

  it('puts a customer on the list of the partner administrator who provisioned it, until the role goes', async () => {
    const administrator = await addMember(world, partner, { administratorRoles: ['partner_administrator'] });
    const own = await createCustomer(world, { ...partner, first: administrator }, 'Own');
    expect(await listOf(administrator)).toEqual([own.id]);
    expect(await levelOf(administrator, 'devices', own.id)).toBe('write');
    await setAdministratorRoles(partner, administrator, []);
    expect(await levelOf(administrator, 'devices', own.id)).toBe('none');
    await setAdministratorRoles(partner, administrator, ['partner_administrator']);
    expect(await listOf(administrator)).toEqual([]);
  });

  it('gives login by the roles, and takes it away with the last of them', async () => {
    const colleague = await addMember(world, partner);
    expect(await loginOf(colleague)).toEqual({ partnerHub: false, helpDesk: false });
    await setAdministratorRoles(partner, colleague, ['device_administrator', 'help_desk_basic']);
    expect(await loginOf(colleague)).toEqual({ partnerHub: true, helpDesk: true });
    await setAdministratorRoles(partner, colleague, ['device_administrator']);
    expect(await loginOf(colleague)).toEqual({ partnerHub: true, helpDesk: false });
    await setAdministratorRoles(partner, colleague, []);
    expect(await loginOf(colleague)).toEqual({ partnerHub: false, helpDesk: false });
  });

  it('keeps one full administrator when two take the role from each other at once', async () => {
    for (let round = 0; round < 3; round += 1) {
      const rival = await addMember(world, meadow);
      await setRoles(meadow.first, rival, ['full_administrator']);
      const answers = await Promise.all([setRoles(rival, meadow.first, []), setRoles(meadow.first, rival, [])]);
      expect(answers.map(({ status }) => status).filter((status) => status === 200)).toHaveLength(1);
      const left = await partner.first.http.get(
        `/v1/organizations/${meadow.id}/members?administratorRole=full_administrator`,
      );
      expect(left.body.items).toHaveLength(1);
      await setRoles(rival, meadow.first, ['full_administrator']);
      await partner.first.http.put(`/v1/organizations/${meadow.id}/members/${rival.memberId}/administrator-roles`, {
        roles: [],
      });
    }
    expect(await setRoles(partner.first, meadow.first, [])).toMatchObject({
      status: 409,
      body: { code: 'last_full_administrator' },
    });
  });
});

describe('a provisioning administrator', () => {
  const setUp = (person: Person, customerId: string, body: object = {}) =>
    person.http.post(`/v1/organizations/${customerId}/service-setups`, body);

  it('is never assigned by hand', async () => {
    const colleague = await addMember(world, partner);
    expect((await setRoles(partner.first, colleague, ['provisioning_administrator'])).status).toBe(400);
  });

  it('derives from setting up services, is like a partner administrator for that customer, and goes with the role', async () => {
    const administrator = await addMember(world, partner, { administratorRoles: ['partner_administrator'] });
    // A customer that is not on their list is not there for them.
    expect((await setUp(administrator, harbour.id)).body.code).toBe('not_found');
    await assign(partner.first, administrator, [harbour.id]);
    const made = await setUp(administrator, harbour.id);
    expect(made).toMatchObject({
      status: 201,
      body: { customerId: harbour.id, partnerId: partner.id, derivedRole: 'provisioning_administrator' },
    });
    expect((await setUp(administrator, harbour.id)).body.id).toBe(made.body.id);
    const view = await partner.first.http.get(member(administrator));
    expect(view.body.derivedRoles).toEqual(['provisioning_administrator']);

    await assign(partner.first, administrator, []);
    expect(await levelOf(administrator, 'devices', harbour.id)).toBe('write');
    expect(await levelOf(administrator, 'users_and_licences', harbour.id)).toBe('read');
    expect(await levelOf(administrator, 'devices', meadow.id)).toBe('none');
    expect(await listOf(administrator)).toEqual([harbour.id]);

    await setAdministratorRoles(partner, administrator, ['help_desk_basic']);
    expect(await levelOf(administrator, 'devices', harbour.id)).toBe('none');
    expect((await partner.first.http.get(member(administrator))).body.derivedRoles).toEqual([]);
  });

  it('needs somebody of a partner that has a relationship with the organization', async () => {
    const elsewhere = await createPartner(world, 'Elsewhere');
    expect((await setUp(elsewhere.first, harbour.id)).status).toBe(404);
    expect((await setUp(harbour.first, harbour.id)).status).toBe(403);
    expect((await setUp(partner.first, harbour.id, { partnerId: elsewhere.id })).status).toBe(403);
    expect((await setUp(partner.first, partner.id)).status).toBe(409);
  });
});

describe('the customer list', () => {
  it.each(['partner_full_administrator', 'partner_read_only_administrator', 'help_desk_basic', 'help_desk_advanced'])(
    'shows all customers to %s',
    async (role) => {
      const person = await addMember(world, partner, { administratorRoles: [role] });
      expect(await listOf(person)).toEqual(expect.arrayContaining(sorted(harbour, meadow)));
    },
  );

  it('shows nothing to people of the partner without such a role, and does not exist for others', async () => {
    const path = `/v1/organizations/${partner.id}/customers`;
    const person = await addMember(world, partner, { administratorRoles: ['full_administrator'] });
    expect((await person.http.get(path)).status).toBe(403);
    expect((await harbour.first.http.get(path)).status).toBe(404);
    expect((await harbour.first.http.get(`/v1/organizations/${harbour.id}/customers`)).status).toBe(409);
  });

  it('is searched by name; help desk also finds a customer by its people', async () => {
    const helpDesk = await addMember(world, partner, { administratorRoles: ['help_desk_basic'] });
    expect(await listOf(helpDesk, '?query=HARBO')).toEqual([harbour.id]);
    expect(await listOf(helpDesk, '?query=100%25')).toEqual([]);
    const address = encodeURIComponent(meadow.first.email);
    expect(await listOf(helpDesk, `?query=${address}`)).toEqual([meadow.id]);
    const reader = await addMember(world, partner, { administratorRoles: ['partner_read_only_administrator'] });
    expect(await listOf(reader, `?query=${address}`)).toEqual([]);
  });

  it('comes in pages', async () => {
    const path = `/v1/organizations/${partner.id}/customers?limit=1`;
    const first = await partner.first.http.get(path);
    const second = await partner.first.http.get(`${path}&cursor=${first.body.nextCursor}`);
    expect(first.body.items).toHaveLength(1);
    expect(second.body.items[0].id).not.toBe(first.body.items[0].id);
  });
});

describe('a relationship', () => {
  let customer: OrganizationWithFirst;
  let second: OrganizationWithFirst;
  const relationships = (organizationId: string) => `/v1/organizations/${organizationId}/relationships`;

  beforeAll(async () => {
    customer = await createCustomer(world, partner, 'Quarry');
    second = await createPartner(world, 'Southwind');
  }, 60_000);

  it('with a further partner is made by two of the support team only, once', async () => {
    const team = await supportTeam(world);
    const join = (partnerId: string) =>
      team.together({ kind: 'relationship.create', organizationId: customer.id, partnerId });
    expect(await levelOf(second.first, 'devices', customer.id)).toBe('none');
    expect((await join(second.id)).status).toBe(200);
    const made = await customer.first.http.get(relationships(customer.id));
    expect(made.body.items).toContainEqual(
      expect.objectContaining({
        partnerId: second.id,
        customerId: customer.id,
        origin: 'provisioned',
        activeUntil: null,
      }),
    );
    expect((await join(second.id)).body.code).toBe('relationship_exists');
    expect((await join(customer.id)).body.code).toBe('not_a_partner');
    expect(await levelOf(second.first, 'devices', customer.id)).toBe('write');
    expect(await levelOf(partner.first, 'devices', customer.id)).toBe('write');
  });

  it('is seen by the customer with all its partners, by a partner without the others', async () => {
    const ofCustomer = await customer.first.http.get(relationships(customer.id));
    expect(ofCustomer.body.items.map(({ partnerName }: { partnerName: string }) => partnerName).sort()).toEqual([
      'Northwind',
      'Southwind',
    ]);
    const ofSecond = await second.first.http.get(relationships(customer.id));
    expect(ofSecond.body.items).toMatchObject([{ partnerId: second.id, customerName: 'Quarry' }]);
    expect((await second.first.http.get(relationships(harbour.id))).status).toBe(404);
  });

  it('is ended by a full administrator of either side, and nobody else', async () => {
    const helpDesk = await addMember(world, second, { administratorRoles: ['help_desk_advanced'] });
    const partnerFull = await addMember(world, second, { administratorRoles: ['partner_full_administrator'] });
    const [own] = (await second.first.http.get(relationships(customer.id))).body.items;
    for (const person of [helpDesk, partnerFull])
      expect(await person.http.delete(`${relationships(second.id)}/${own.id}`)).toMatchObject({
        status: 403,
        body: { code: 'not_full_administrator' },
      });
    expect((await harbour.first.http.delete(`${relationships(harbour.id)}/${own.id}`)).status).toBe(404);
    expect((await harbour.first.http.delete(`${relationships(second.id)}/${own.id}`)).status).toBe(404);
    expect((await partner.first.http.delete(`${relationships(customer.id)}/${own.id}`)).status).toBe(404);
    expect((await second.first.http.delete(`${relationships(second.id)}/${own.id}`)).status).toBe(204);
    expect((await second.first.http.get(`/v1/organizations/${customer.id}`)).status).toBe(404);
    expect(await customer.first.http.delete(`${relationships(customer.id)}/${own.id}`)).toMatchObject({
      status: 409,
      body: { code: 'relationship_ended' },
    });
    expect(await levelOf(partner.first, 'devices', customer.id)).toBe('write');
  });

  it('takes with it, at once and each for its reason, everything that stood on it', async () => {
    const [agent, asking, administrator, external] = [
      await addMember(world, partner, { administratorRoles: ['help_desk_advanced'] }),
      await addMember(world, partner, { administratorRoles: ['help_desk_advanced'] }),
      await addMember(world, partner, { administratorRoles: ['partner_administrator'] }),
      await addMember(world, partner),
    ];
    const asked = await agent.http.post('/v1/elevations', { customerId: customer.id, reason: 'Phones' });
    await customer.first.http.post(`/v1/elevations/${asked.body.id}/approve`);
    const session = await agent.http.post('/v1/help-desk-sessions', { customerId: customer.id, reason: 'Phones' });
    const pending = await asking.http.post('/v1/elevations', { customerId: customer.id, reason: 'More phones' });
    await assign(partner.first, administrator, [customer.id, harbour.id]);
    const elsewhere = await agent.http.post('/v1/help-desk-sessions', { customerId: harbour.id, reason: 'Else' });
    const approvedRequestId = await attach(external, customer);
    const externalPerson = { ...external, http: await signIn(world, external.email) };
    expect(await levelOf(externalPerson, 'site_management', customer.id)).toBe('write');
    expect(await levelOf(agent, 'devices', customer.id)).toBe('write');

    const [relationship] = (await customer.first.http.get(relationships(customer.id))).body.items;
    const ended = await customer.first.http.delete(`${relationships(customer.id)}/${relationship.id}`);
    expect(ended.status).toBe(204);

    for (const person of [agent, administrator, externalPerson, partner.first])
      expect(await levelOf(person, 'devices', customer.id)).toBe('none');
    expect((await agent.http.get(`/v1/elevations/${asked.body.id}`)).body.grant).toMatchObject({
      status: 'ended',
      endReason: 'relationship_ended',
    });
    expect((await agent.http.get(`/v1/help-desk-sessions/${session.body.id}`)).body.status).toBe('ended');
    expect((await asking.http.get(`/v1/elevations/${pending.body.id}`)).body).toMatchObject({
      status: 'cancelled',
      decisionReason: 'relationship_ended',
    });
    // What was stays readable with the names of both sides.
    for (const { http } of [agent, customer.first]) {
      const names = { customerName: 'Quarry', partnerName: 'Northwind' };
      expect((await http.get(`/v1/elevations/${asked.body.id}`)).body).toMatchObject({
        ...names,
        requester: { displayName: agent.displayName, email: agent.email },
        decidedBy: { displayName: customer.first.displayName },
      });
      const { body } = await http.get(`/v1/help-desk-sessions/${session.body.id}`);
      expect(body).toMatchObject({ ...names, holder: { displayName: agent.displayName } });
      const grants = await http.get(`/v1/grants?organizationId=${customer.id}&accountId=${agent.accountId}`);
      expect(grants.body.items).toHaveLength(2);
      for (const grant of grants.body.items) expect(grant.account.displayName).toBe(agent.displayName);
    }
    expect((await partner.first.http.get(member(administrator))).body.customerIds).toEqual([harbour.id]);
    expect((await agent.http.get(`/v1/help-desk-sessions/${elsewhere.body.id}`)).body.status).toBe('active');

    const trail = (subjectId: string) => trailOf(customer.first.http, customer.id, subjectId);
    expect(await trail(asked.body.id)).toEqual([
      'elevation.requested',
      'elevation.approved',
      'elevation.used',
      'elevation.ended',
    ]);
    expect(await trail(session.body.id)).toEqual([
      'help-desk-session.opened',
      'help-desk-session.used',
      'help-desk-session.ended',
    ]);
    expect(await trail(pending.body.id)).toEqual(['elevation.requested', 'elevation.cancelled']);
    expect(await trail(approvedRequestId)).toEqual(['external-administrator.ended']);
    expect(await trail(administrator.memberId)).toEqual([
      'membership.customers-assigned',
      'membership.customers-unassigned',
    ]);
    expect(await trail(relationship.id)).toEqual(['relationship.began', 'relationship.ended']);
    await world.mail.waitForMail({ to: agent.email, kind: 'elevation.ended' }, 15_000);
    await world.mail.waitForMail({ to: agent.email, kind: 'help-desk-session.ended' }, 15_000);
  });

  it('leaves no grant behind when it ends while an administrator approves', async () => {
    const quick = await createCustomer(world, partner, 'Quick');
    const agent = await addMember(world, partner, { administratorRoles: ['help_desk_advanced'] });
    const asked = await agent.http.post('/v1/elevations', { customerId: quick.id, reason: 'Phones' });
    const [relationship] = (await quick.first.http.get(relationships(quick.id))).body.items;
    const [, ended] = await Promise.all([
      quick.first.http.post(`/v1/elevations/${asked.body.id}/approve`),
      quick.first.http.delete(`${relationships(quick.id)}/${relationship.id}`),
    ]);
    expect(ended.status).toBe(204);
    const after = await quick.first.http.get(`/v1/elevations/${asked.body.id}`);
    expect(after.body.status).not.toBe('pending');
    expect(after.body.grant?.status ?? 'none').not.toBe('active');
    expect(await levelOf(agent, 'devices', quick.id)).toBe('none');
  });

  it('outlives a member of the partner, whose access ends with the membership', async () => {
    const person = await addMember(world, partner, {
      administratorRoles: ['help_desk_basic', 'partner_administrator'],
    });
    await assign(partner.first, person, [harbour.id]);
    const session = await person.http.post('/v1/help-desk-sessions', { customerId: harbour.id, reason: 'Phones' });
    expect((await partner.first.http.delete(member(person))).status).toBe(204);
    const evaluated = await partner.first.http.post(
      '/access/v1/evaluation',
      question(person.accountId, 'read', 'devices', harbour.id),
    );
    expect(evaluated.body.decision).toBe(false);
    const ended = await harbour.first.http.get(`/v1/help-desk-sessions/${session.body.id}`);
    expect(ended.body).toMatchObject({ status: 'ended', grant: { endReason: 'membership_removed' } });
    expect(await trailOf(harbour.first.http, harbour.id, person.memberId)).toEqual([
      'membership.customers-assigned',
      'membership.customers-unassigned',
    ]);
  });

  it('opens nothing for an external membership whose date has come', async () => {
    const visitor = await addMember(world, partner);
    await attach(visitor, harbour, new Date(Date.now() + 1500));
    const person = { ...visitor, http: await signIn(world, visitor.email) };
    expect(await levelOf(person, 'site_management', harbour.id)).toBe('write');
    await new Promise((resolve) => setTimeout(resolve, 1600));
    expect(await levelOf(person, 'site_management', harbour.id)).toBe('none');
  });
});

/** An approved external full administrator, written down as the approval does; returns the request's id. */
async function attach(person: Person, customer: OrganizationWithFirst, until: Date | null = null): Promise<string> {
  return world.database.transaction(asSystem, async (em) => {
    const relationship = await em.findOneOrFail(Relationship, { customerId: customer.id, partnerId: partner.id });
    const membership = em.create(Membership, {
      organizationId: customer.id,
      accountId: person.accountId,
      kind: 'external',
      administratorRoles: ['full_administrator'],
      relationshipId: relationship.id,
      until,
      createdAt: new Date(),
    });
    await em.flush();
    const request = em.create(ExternalAdministratorRequest, {
      customerId: customer.id,
      customerKey: customer.id,
      partnerId: partner.id,
      requesterId: person.accountId,
      reason: 'An order',
      status: 'approved',
      approvedRole: 'full_administrator',
      decideBy: new Date(),
      decidedAt: new Date(),
      membershipId: membership.id,
    });
    await em.flush();
    return request.id;
  });
}

describe('another tenant', () => {
  it('finds none of it', async () => {
    const stranger = (await createPartner(world, 'Stranger')).first;
    const [relationship] = (await harbour.first.http.get(`/v1/organizations/${harbour.id}/relationships`)).body.items;
    const colleague = await addMember(world, partner, { administratorRoles: ['partner_administrator'] });
    const answers = [
      await stranger.http.get(`/v1/organizations/${partner.id}/customers`),
      await stranger.http.get(`/v1/organizations/${harbour.id}/relationships`),
      await stranger.http.delete(`/v1/organizations/${harbour.id}/relationships/${relationship.id}`),
      await stranger.http.post(`/v1/organizations/${harbour.id}/service-setups`),
      await assign(stranger, partner.first, [harbour.id]),
      await assign(partner.first, colleague, [(await createCustomer(world, await createPartner(world))).id]),
    ];
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 404));
  });
});
