import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  Account,
  Address,
  asSystem,
  AuditEvent,
  CustomerAssignment,
  ExternalAdministratorRequest,
  MailDelivery,
  Membership,
  Organization,
  Relationship,
} from '#persistence';
import { mailsAbout, organization, person, relationship, service, type Cast } from '../support/cast.ts';
import { mayWrite } from '../support/people.ts';
import type { Answer } from '../support/http-client.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
/** A partner that manages no customer. */
let partner: string;
let partnersAdmin: Cast;

beforeAll(async () => {
  world = await createWorld();
  partner = await organization(world, 'partner', { name: 'Northwind' });
  partnersAdmin = await person(world, 'Priya Partner', [
    { in: partner, roles: ['full_administrator', 'partner_full_administrator'] },
  ]);
}, 120_000);

afterAll(() => world?.stop());

const requester = (displayName = 'Grace Asker', of = partner) =>
  person(world, displayName, [{ in: of, roles: ['partner_administrator'] }]);

/** A customer with its full administrator and, where wanted, a domain. */
async function customer({ name = 'Harbour', domain = null as string | null } = {}) {
  const id = await organization(world, 'customer', { name });
  if (domain) await alter(id, { domains: [domain], provenDomains: [domain] });
  return { id, name, admin: await person(world, `${name} Admin`, [{ in: id, roles: ['full_administrator'] }]) };
}

const alter = (
  id: string,
  changes: Partial<Pick<Organization, 'domains' | 'provenDomains' | 'policy' | 'userCount' | 'hasActiveLicence'>>,
) =>
  world.database.transaction(asSystem, async (em) => {
    em.assign(await em.findOneOrFail(Organization, { id }), changes);
  });

const requests = '/v1/external-administrator-requests';
const ask = (who: Cast, body: Record<string, unknown>) =>
  who.http.post(requests, { reason: 'Order 4711: we set the services up', ...body });

async function asked(who: Cast, body: Record<string, unknown>): Promise<string> {
  const answer = await ask(who, body);
  expect(answer.status).toBe(201);
  return answer.body.id;
}

const approve = (by: Cast, id: string, who: Pick<Cast, 'email'>, more: Record<string, unknown> = {}) =>
  by.http.post(`${requests}/${id}/approve`, { email: who.email, role: 'full_administrator', ...more });

const listed = (by: Cast, organizationId: string) =>
  by.http.get(`/v1/organizations/${organizationId}/external-administrators`);

/** Events about the request that an organization has on record, oldest first. */
const trail = (organizationId: string, requestId: string) =>
  world.database.transaction(asSystem, async (em) =>
    (await em.find(AuditEvent, {}, { orderBy: { recordedOrder: 'asc' } })).filter(
      (event) => event.organizationIds.includes(organizationId) && event.subject.id === requestId,
    ),
  );
const actionsOf = async (organizationId: string, requestId: string) =>
  (await trail(organizationId, requestId)).map(({ action, outcome }) => `${action} ${outcome}`);

async function eventually<T>(look: () => Promise<T> | T, holds: (value: T) => boolean, seconds = 15): Promise<T> {
  const until = Date.now() + seconds * 1000;
  for (;;) {
    const value = await look();
    if (holds(value)) return value;
    if (Date.now() > until) throw new Error(`It did not come to pass: ${JSON.stringify(value)}`);
    await sleep(100);
  }
}

const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();
const code = ({ status, body }: Answer) => `${status} ${body.code}`;

describe('asking', () => {
  it('leads over mail and approval to access, and its removal ends it at once', async () => {
    const acme = await customer({ name: 'Acme' });
    const grace = await requester();
    expect(await mayWrite(grace, acme.id)).toBe(false);

    const answer = await ask(grace, { customerId: acme.id, addressedTo: acme.admin.email });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe(`${requests}/${answer.body.id}`);
    expect(answer.body).toMatchObject({ status: 'pending', customerId: acme.id, customerName: null, access: null });
    const { id } = answer.body;
    const mail = await world.mail.waitForMail({ to: acme.admin.email, kind: 'external-administrator.requested' });
    expect(mail.text).toContain('Order 4711');

    const seen = await acme.admin.http.get(`${requests}/${id}`);
    expect(seen.body).toMatchObject({
      customerName: 'Acme',
      requester: { email: grace.email },
      availableRoles: ['full_administrator', 'read_only_administrator'],
    });
    const approved = await approve(acme.admin, id, grace);
    expect(approved).toMatchObject({
      status: 200,
      body: { status: 'approved', access: { role: 'full_administrator', until: null, status: 'active' } },
    });
    expect(await mayWrite(grace, acme.id)).toBe(true);
    await world.mail.waitForMail({ to: grace.email, kind: 'external-administrator.approved' });

    // From here on the customer is theirs to see, and they are in its list.
    expect((await grace.http.get(`/v1/organizations/${acme.id}`)).status).toBe(200);
    const list = await listed(acme.admin, acme.id);
    expect(list.body.items).toMatchObject([
      { account: { email: grace.email }, role: 'full_administrator', partnerName: 'Northwind', requestId: id },
    ]);
    const removed = await acme.admin.http.delete(
      `/v1/organizations/${acme.id}/external-administrators/${list.body.items[0].id}`,
    );
    expect(removed.status).toBe(204);
    expect(await mayWrite(grace, acme.id)).toBe(false);
    expect((await grace.http.get(`/v1/organizations/${acme.id}`)).status).toBe(404);
    expect((await listed(acme.admin, acme.id)).body.items).toEqual([]);
    expect((await grace.http.get(`${requests}/${id}`)).body.access).toMatchObject({ status: 'revoked' });
    await world.mail.waitForMail({ to: grace.email, kind: 'external-administrator.ended' });
    expect(await actionsOf(acme.id, id)).toEqual([
      'external-administrator.requested success',
      'external-administrator.approved success',
      'external-administrator.removed success',
    ]);
    await world.mail.waitForMail({ to: acme.admin.email, kind: 'external-administrator.ended' });
    expect(mailsAbout(world, id, [grace, acme.admin])).toEqual([
      'external-administrator.approved to Grace Asker',
      'external-administrator.ended to Acme Admin',
      'external-administrator.ended to Grace Asker',
      'external-administrator.requested to Acme Admin',
    ]);
  });

  it('is for partner administrators without access to the customer', async () => {
    const acme = await customer();
    const colleague = await person(world, 'Colleague', [{ in: partner, roles: ['help_desk_advanced'] }]);
    expect(code(await ask(colleague, { customerId: acme.id }))).toBe('403 not_partner_administrator');
    expect(code(await ask(acme.admin, { customerId: acme.id }))).toBe('403 not_partner_administrator');
    await relationship(world, partner, acme.id);
    expect(code(await ask(partnersAdmin, { customerId: acme.id }))).toBe('409 has_access_already');
    // A partner administrator who is not assigned to the managed customer has none.
    expect((await ask(await requester(), { customerId: acme.id })).status).toBe(201);
  });

  it('is refused to people of the consumer organization', async () => {
    const grace = await requester();
    await world.database.transaction(asSystem, (em) =>
      em.nativeUpdate(Account, { id: grace.accountId }, { consumer: true }),
    );
    expect(code(await ask(grace, { customerId: (await customer()).id }))).toBe('403 consumer_account');
  });

  it('asks for the partner where somebody works for several', async () => {
    const second = await organization(world, 'partner');
    const grace = await person(world, 'Grace Both', [
      { in: partner, roles: ['partner_administrator'] },
      { in: second, roles: ['partner_administrator'] },
    ]);
    const { id } = await customer();
    const answer = await ask(grace, { customerId: id });
    expect(code(answer)).toBe('400 partner_required');
    expect(answer.body.partnerIds).toEqual([partner, second]);
    expect((await ask(grace, { customerId: id, partnerId: second })).body.partnerId).toBe(second);
  });

  it('names the customer by id or by domain, not by both or neither', async () => {
    const grace = await requester();
    expect(code(await ask(grace, {}))).toBe('400 invalid_request');
    expect(code(await ask(grace, { customerId: randomUUID(), customerDomain: 'acme.example' }))).toBe(
      '400 invalid_request',
    );
  });

  it('mails the addressed administrator and at most five others', async () => {
    const acme = await customer({ name: 'Large' });
    const admins = [acme.admin];
    for (let count = 2; count <= 7; count += 1)
      admins.push(
        await person(world, `Admin ${'abcdefg'[count - 1]}`, [{ in: acme.id, roles: ['full_administrator'] }]),
      );
    await person(world, 'Onlooker', [{ in: acme.id, roles: ['read_only_administrator'] }]);
    await person(world, 'External', [{ in: acme.id, roles: ['full_administrator'], kind: 'external' }]);
    const last = admins[6];
    const grace = await requester();
    const id = await asked(grace, { customerId: acme.id, addressedTo: last?.email.toUpperCase() });
    const told = [...admins.slice(0, 5), last].map((one) => `external-administrator.requested to ${one?.displayName}`);
    const mails = await eventually(
      () => mailsAbout(world, id, admins),
      (all) => all.length >= 6,
    );
    expect(mails).toEqual(told.sort());
  });

  it('keeps one open request per requester and customer', async () => {
    const acme = await customer();
    const grace = await requester();
    const answers = await Promise.all([1, 2, 3].map(() => ask(grace, { customerId: acme.id })));
    expect(answers.map(({ status }) => status).sort((one, other) => one - other)).toEqual([201, 409, 409]);
    expect(answers.filter(({ status }) => status === 409).map(({ body }) => body.code)).toEqual([
      'request_already_open',
      'request_already_open',
    ]);
    expect((await ask(await requester('Other Asker'), { customerId: acme.id })).status).toBe(201);
  });

  it('is done once per idempotency key', async () => {
    const { id } = await customer();
    const grace = await requester();
    const body = { customerId: id, reason: 'Once' };
    const key = { 'idempotency-key': randomUUID() };
    const first = await grace.http.post(requests, body, key);
    const second = await grace.http.post(requests, body, key);
    expect(second).toMatchObject({ status: 201, body: first.body });
  });
});

describe('whether a customer exists', () => {
  const shapeOf = ({ body }: Answer) =>
    Object.fromEntries(Object.entries(body).filter(([key]) => !['id', 'createdAt', 'decideBy'].includes(key)));
  const windowOf = ({ body }: Answer) => Date.parse(body.decideBy) - Date.parse(body.createdAt);

  it('is not told by asking with a domain', async () => {
    const domain = `known-${randomUUID()}.example`;
    const acme = await customer({ domain });
    // What stands with the customer is of no consequence, and is not taken from it.
    await alter(acme.id, { policy: { externalAdministratorPendingSeconds: 90_000 } });
    const grace = await requester();
    const known = await ask(grace, { customerDomain: domain.toUpperCase() });
    const unknown = await ask(grace, { customerDomain: `un${domain}` });
    expect(known.status).toBe(201);
    expect(unknown.status).toBe(201);
    expect({ ...shapeOf(unknown), customerDomain: domain }).toEqual(shapeOf(known));
    expect(shapeOf(known)).toMatchObject({ customerId: null, customerName: null, customerDomain: domain });
    expect(windowOf(known)).toBe(windowOf(unknown));
    expect([...known.headers.keys()]).toEqual([...unknown.headers.keys()]);
    expect(code(await ask(grace, { customerDomain: domain }))).toBe('409 request_already_open');
    expect(code(await ask(grace, { customerDomain: `un${domain}` }))).toBe('409 request_already_open');

    // Nor by asking for approval, by a filter, by the trail, or by withdrawing.
    for (const { body } of [known, unknown])
      expect(code(await approve(grace, body.id, grace))).toBe('403 approver_is_requester');
    expect((await partnersAdmin.http.get(`${requests}?customerId=${acme.id}`)).body.items).toEqual([]);
    for (const { body } of [known, unknown]) {
      const events = await trail(partner, body.id);
      expect(JSON.stringify(events)).not.toContain(acme.id);
      expect(events.map(({ action }) => action)).toEqual([
        'external-administrator.requested',
        'external-administrator.approved',
      ]);
      expect((await grace.http.post(`${requests}/${body.id}/cancel`)).body.status).toBe('cancelled');
    }
    expect((await acme.admin.http.get(`${requests}/${known.body.id}`)).body.customerId).toBe(acme.id);
  });

  it('is not told by the deadline, which the requester’s partner sets and no customer', async () => {
    const managing = await organization(world, 'partner');
    const priya = await person(world, 'Priya', [{ in: managing, roles: ['full_administrator'] }]);
    const acme = await customer();
    await relationship(world, managing, acme.id);
    const grace = await requester('Grace', managing);
    const policy = { externalAdministratorPendingSeconds: 7200 };
    const refused = await acme.admin.http.patch(`/v1/organizations/${acme.id}`, { policy });
    expect(code(refused)).toBe('400 invalid_request');
    expect(refused.body.errors).toMatchObject([{ pointer: '/policy/externalAdministratorPendingSeconds' }]);
    const { policy: shown } = (await acme.admin.http.get(`/v1/organizations/${acme.id}`)).body;
    expect(shown).not.toHaveProperty('externalAdministratorPendingSeconds');
    // What is shown can be sent back.
    expect((await acme.admin.http.patch(`/v1/organizations/${acme.id}`, { policy: shown })).status).toBe(200);

    expect((await priya.http.patch(`/v1/organizations/${managing}`, { policy })).status).toBe(200);
    for (const customerId of [acme.id, randomUUID()])
      expect(windowOf(await ask(grace, { customerId }))).toBe(7_200_000);
  });

  it('is not told by asking with an id, of a customer or of anything else', async () => {
    const acme = await customer();
    const grace = await requester();
    const answers = await Promise.all(
      [acme.id, randomUUID(), partner].map(async (customerId) => {
        const answer = await ask(grace, { customerId });
        return { status: answer.status, ...shapeOf(answer), customerId: 'typed', window: windowOf(answer) };
      }),
    );
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });

  it('is told by the approval', async () => {
    const domain = `${randomUUID()}.example`;
    const acme = await customer({ name: 'Told', domain });
    const grace = await requester();
    const id = await asked(grace, { customerDomain: domain });
    await approve(acme.admin, id, grace);
    expect((await grace.http.get(`${requests}/${id}`)).body).toMatchObject({
      customerId: acme.id,
      customerName: 'Told',
      decidedBy: { displayName: 'Told Admin' },
    });
    expect((await grace.http.get(`${requests}?customerId=${acme.id}`)).body.items).toHaveLength(1);
  });

  it('bothers a customer once, whatever names the requester knows it by', async () => {
    const domain = `${randomUUID()}.example`;
    const acme = await customer({ domain });
    const grace = await requester();
    await asked(grace, { customerId: acme.id });
    await asked(grace, { customerDomain: domain });
    expect((await acme.admin.http.get(`${requests}?status=pending`)).body.items).toHaveLength(1);
  });

  it('stays untold when an unknown domain’s request expires, with the mail of any other', async () => {
    const impatient = await organization(world, 'partner', {
      name: 'Impatient',
      policy: { externalAdministratorPendingSeconds: 2 },
    });
    const domain = `${randomUUID()}.example`;
    const acme = await customer({ name: 'Secret name', domain });
    const grace = await requester('Ida Impatient', impatient);
    const known = await asked(grace, { customerDomain: domain });
    const unknown = await asked(grace, { customerDomain: `un${domain}` });
    for (const id of [known, unknown]) {
      await eventually(
        async () => (await grace.http.get(`${requests}/${id}`)).body.status,
        (status) => status === 'expired',
      );
      const [mail] = await eventually(
        () => world.mail.mails().filter((one) => one.to.includes(grace.email) && one.text.includes(id)),
        (mails) => mails.length > 0,
      );
      expect(mail?.kind).toBe('external-administrator.expired');
      expect(mail?.text).not.toContain('Secret name');
    }
    expect(code(await approve(acme.admin, known, grace))).toBe('409 request_not_pending');
    // What is overdue is closed, so it stands in nobody's way.
    expect((await ask(grace, { customerDomain: domain })).status).toBe(201);
    expect(await actionsOf(acme.id, known)).toEqual([
      'external-administrator.requested success',
      'external-administrator.expired success',
      'external-administrator.approved refused',
    ]);
  });
});

describe('deciding', () => {
  it('needs the address of the requester; a wrong one is recorded and uses nothing up', async () => {
    const acme = await customer();
    const grace = await requester();
    await world.database.transaction(asSystem, async (em) => {
      for (const [name, verifiedAt] of [
        ['proved', new Date()],
        ['unproved', null],
      ] as const)
        em.create(Address, {
          address: `${name}-${grace.email}`,
          accountId: grace.accountId,
          kind: 'alias',
          verifiedAt,
        });
    });
    const id = await asked(grace, { customerId: acme.id });
    const wrong = await approve(acme.admin, id, { email: 'somebody@else.example' });
    expect(code(wrong)).toBe('403 address_not_confirmed');
    expect(wrong.body.errors).toMatchObject([{ pointer: '/email' }]);
    const misspelt = await approve(acme.admin, id, grace, { util: inSeconds(600) });
    expect(code(misspelt)).toBe('400 invalid_request');
    expect(misspelt.body.errors).toMatchObject([{ pointer: '/util' }]);
    expect(code(await approve(acme.admin, id, { email: `unproved-${grace.email}` }))).toBe('403 address_not_confirmed');
    expect(await actionsOf(acme.id, id)).toEqual([
      'external-administrator.requested success',
      'external-administrator.approved refused',
      'external-administrator.approved refused',
    ]);
    expect(await mayWrite(grace, acme.id)).toBe(false);
    expect((await approve(acme.admin, id, { email: `PROVED-${grace.email}` })).status).toBe(200);
  });

  it('offers full or provisioning where the partner manages the subscription', async () => {
    const acme = await customer();
    await relationship(world, partner, acme.id);
    const grace = await requester();
    const id = await asked(grace, { customerId: acme.id });
    const refused = await approve(acme.admin, id, grace, { role: 'read_only_administrator' });
    expect(code(refused)).toBe('403 role_not_available');
    expect(refused.body.roles).toEqual(['full_administrator', 'provisioning_administrator']);
    const approved = await approve(acme.admin, id, grace, { role: 'provisioning_administrator' });
    expect(approved.body.access.role).toBe('provisioning_administrator');
    // As a partner administrator has it: devices, but no users to add, and no roles beyond.
    expect(await mayWrite(grace, acme.id)).toBe(true);
    expect(await mayWrite(grace, acme.id, 'users_and_licences')).toBe(false);
    expect((await listed(acme.admin, acme.id)).body.items[0].role).toBe('provisioning_administrator');

    const { memberId } = approved.body.access;
    await acme.admin.http.delete(`/v1/organizations/${acme.id}/external-administrators/${memberId}`);
    expect(await mayWrite(grace, acme.id)).toBe(false);
    await world.database.transaction(asSystem, async (em) => {
      expect(await em.count(CustomerAssignment, { customerId: acme.id })).toBe(0);
      // The managed subscription is not the external administrator's to end.
      expect(await em.count(Relationship, { customerId: acme.id, activeUntil: null })).toBe(1);
    });
  });

  it('offers full or read-only where it does not', async () => {
    const acme = await customer();
    const grace = await requester();
    const id = await asked(grace, { customerId: acme.id });
    expect(code(await approve(acme.admin, id, grace, { role: 'provisioning_administrator' }))).toBe(
      '403 role_not_available',
    );
    await approve(acme.admin, id, grace, { role: 'read_only_administrator' });
    expect(await mayWrite(grace, acme.id)).toBe(false);
    const read = await grace.http.post('/access/v1/evaluation', {
      subject: { type: 'account', id: grace.accountId },
      action: { name: 'read' },
      resource: { type: 'setting', id: 'devices', properties: { organizationId: acme.id } },
    });
    expect(read.body.decision).toBe(true);
  });

  it('makes one relationship for all of a partner, which ends with the last of them', async () => {
    const acme = await customer();
    const people = await Promise.all(['Ann', 'Ben', 'Cid'].map((name) => requester(name)));
    const ids: string[] = [];
    for (const one of people) ids.push(await asked(one, { customerId: acme.id }));
    const answers = await Promise.all(people.map((one, index) => approve(acme.admin, ids[index] ?? '', one)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const relationships = () =>
      world.database.transaction(asSystem, (em) => em.find(Relationship, { customerId: acme.id }));
    expect(await relationships()).toMatchObject([{ partnerId: partner, origin: 'external_administrator' }]);
    // It opens the customer to those it was approved for, to nobody else of the partner.
    expect(await mayWrite(partnersAdmin, acme.id)).toBe(false);

    for (const [index, { body }] of answers.entries()) {
      expect((await relationships())[0]?.activeUntil ?? null).toBeNull();
      await acme.admin.http.delete(`/v1/organizations/${acme.id}/external-administrators/${body.access.memberId}`);
      expect(await mayWrite(people[index] ?? partnersAdmin, acme.id)).toBe(false);
    }
    expect((await relationships())[0]?.activeUntil).not.toBeNull();
  });

  it('is for home full administrators of the customer alone', async () => {
    const acme = await customer();
    const grace = await requester();
    const id = await asked(grace, { customerId: acme.id });
    const external = await person(world, 'External', [
      { in: acme.id, roles: ['full_administrator'], kind: 'external' },
      { in: await organization(world, 'partner'), roles: ['partner_administrator'] },
    ]);
    const reader = await person(world, 'Reader', [{ in: acme.id, roles: ['read_only_administrator'] }]);
    const owner = await person(world, 'Owner', [{ in: acme.id, workspaceRole: 'owner' }]);
    const colleague = await requester('Colleague');
    const bothSides = await person(world, 'Both Sides', [
      { in: acme.id, roles: ['full_administrator'] },
      { in: partner },
    ]);
    const supporter = await person(world, 'Sam Support', [
      { in: await organization(world, 'platform'), roles: ['full_administrator'] },
    ]);
    const elsewhere = await customer();
    for (const verb of ['approve', 'deny']) {
      const decide = (who: Pick<Cast, 'http'>) =>
        who.http.post(
          `${requests}/${id}/${verb}`,
          verb === 'approve' ? { email: grace.email, role: 'full_administrator' } : {},
        );
      for (const who of [external, owner, colleague]) expect(code(await decide(who))).toBe('404 not_found');
      expect(code(await decide(reader))).toBe('403 approver_not_full_administrator');
      expect(code(await decide(bothSides))).toBe('403 approver_in_requesting_partner');
      expect(code(await decide(grace))).toBe('403 approver_is_requester');
      expect(code(await decide(partnersAdmin))).toBe('403 approver_not_full_administrator');
      expect(code(await decide(elsewhere.admin))).toBe('404 not_found');
      for (const who of [supporter, { http: world.support }])
        expect(code(await decide(who))).toBe('403 support_never_approves');
      expect(code(await decide({ http: await service(world, acme.id, ['full_administrator']) }))).toBe(
        '403 person_required',
      );
    }
    // Each side has it on record, the partner's without what the customer's own people tried.
    const codesOf = async (organizationId: string) =>
      (await trail(organizationId, id))
        .filter(({ outcome, action }) => outcome === 'refused' && action.endsWith('.approved'))
        .map(({ facts, organizationIds }) => [facts['code'], organizationIds.length]);
    const ofPartner = [
      ['not_involved', 1],
      ['approver_is_requester', 1],
      ['approver_not_full_administrator', 1],
      ['support_never_approves', 1],
      ['support_never_approves', 1],
    ];
    expect(await codesOf(partner)).toEqual(ofPartner);
    expect(await codesOf(acme.id)).toEqual([
      ['not_involved', 1],
      ['not_involved', 1],
      ['not_involved', 1],
      ['approver_not_full_administrator', 1],
      ['approver_in_requesting_partner', 1],
      ['approver_is_requester', 1],
      ['approver_not_full_administrator', 1],
      ['support_never_approves', 1],
      ['support_never_approves', 1],
    ]);
    // What a key tried is on record as such: it got no further than the door.
    const tried = await acme.admin.http.get(`/v1/organizations/${acme.id}/audit-events?action=api-key.used`);
    expect(tried.body.items.map(({ facts }: { facts: { code: string } }) => facts.code)).toEqual([
      'person_required',
      'person_required',
    ]);
    expect(code(await bothSides.http.post(`${requests}/${id}/cancel`))).toBe('403 not_your_request');
    expect((await acme.admin.http.get(`${requests}/${id}`)).body.status).toBe('pending');
  });

  it('asks again whether the requester still may', async () => {
    const acme = await customer();
    const grace = await requester();
    const id = await asked(grace, { customerId: acme.id });
    await world.database.transaction(asSystem, (em) =>
      em.nativeUpdate(Membership, { id: grace.memberIds[partner] }, { administratorRoles: ['help_desk_basic'] }),
    );
    expect(code(await approve(acme.admin, id, grace))).toBe('409 requester_not_entitled');
  });

  it('withdraws what is open when the requester loses the role, and ends what was approved when they leave', async () => {
    const [acme, bolt] = [await customer(), await customer()];
    const grace = await requester();
    const approved = await asked(grace, { customerId: acme.id });
    await approve(acme.admin, approved, grace);
    const open = await asked(grace, { customerId: bolt.id });
    const members = `/v1/organizations/${partner}/members/${grace.memberIds[partner]}`;
    expect((await partnersAdmin.http.put(`${members}/administrator-roles`, { roles: [] })).status).toBe(200);
    expect((await bolt.admin.http.get(`${requests}/${open}`)).body).toMatchObject({
      status: 'cancelled',
      decisionReason: 'role_lost',
    });
    expect(await actionsOf(bolt.id, open)).toEqual([
      'external-administrator.requested success',
      'external-administrator.cancelled success',
    ]);
    expect(await mayWrite(grace, acme.id)).toBe(true);

    expect((await partnersAdmin.http.delete(members)).status).toBe(204);
    expect(await mayWrite(grace, acme.id)).toBe(false);
    expect((await acme.admin.http.get(`${requests}/${approved}`)).body.access).toMatchObject({
      status: 'ended',
      endReason: 'membership_removed',
    });
  });

  it('is settled by the first; the same again is no error, the opposite is a conflict with the state', async () => {
    const acme = await customer();
    const grace = await requester();
    const id = await asked(grace, { customerId: acme.id });
    const deny = () => acme.admin.http.post(`${requests}/${id}/deny`, { reason: 'We ordered nothing' });
    expect((await deny()).body).toMatchObject({ status: 'denied', decisionReason: 'We ordered nothing' });
    expect((await deny()).status).toBe(200);
    const late = await approve(acme.admin, id, grace);
    expect(code(late)).toBe('409 request_not_pending');
    expect(late.body.state).toEqual({ status: 'denied' });
    expect(code(await grace.http.post(`${requests}/${id}/cancel`))).toBe('409 request_not_pending');
    const mail = await world.mail.waitForMail({ to: grace.email, kind: 'external-administrator.denied' });
    expect(mail.text).toContain('We ordered nothing');
    // Nobody of the customer is named to the partner: it was not let in.
    expect((await grace.http.get(`${requests}/${id}`)).body).toMatchObject({ customerName: null, decidedBy: null });
    expect(JSON.stringify(await trail(partner, id))).not.toContain(acme.admin.accountId);
    expect(mail.text).not.toContain(acme.admin.displayName);
  });

  it('tells both sides of a denial that was unexpected', async () => {
    const acme = await customer({ name: 'Surprised' });
    const grace = await requester();
    const id = await asked(grace, { customerId: acme.id });
    await acme.admin.http.post(`${requests}/${id}/deny`, { unexpected: true });
    const mails = await eventually(
      () => mailsAbout(world, id, [acme.admin, partnersAdmin, grace]),
      (all) => all.filter((mail) => mail.startsWith('external-administrator.unexpected')).length >= 2,
    );
    expect(mails).toContain('external-administrator.unexpected to Surprised Admin');
    expect(mails).toContain('external-administrator.unexpected to Priya Partner');
  });

  it('is seen by those it concerns', async () => {
    const acme = await customer();
    const grace = await requester();
    const id = await asked(grace, { customerId: acme.id });
    const reader = await person(world, 'Reader', [{ in: acme.id, roles: ['read_only_administrator'] }]);
    const teammate = await person(world, 'Teammate', [{ in: acme.id }]);
    const colleague = await requester('Colleague');
    const stranger = (await customer()).admin;
    for (const who of [grace, acme.admin, reader, partnersAdmin])
      expect((await who.http.get(`${requests}/${id}`)).status).toBe(200);
    for (const who of [teammate, colleague, stranger]) {
      expect((await who.http.get(`${requests}/${id}`)).status).toBe(404);
      expect(
        (await who.http.get(`${requests}?limit=200`)).body.items.map((one: { id: string }) => one.id),
      ).not.toContain(id);
    }
    expect((await acme.admin.http.get(requests)).body.items).toMatchObject([{ id, customerName: acme.name }]);
    expect((await acme.admin.http.get(`${requests}?status=approved`)).body.items).toEqual([]);
  });
});

describe('an external administrator', () => {
  it('brings no partner’s people in by the back door: neither by an invite nor by roles', async () => {
    const acme = await customer();
    await world.database.transaction(asSystem, async (em) => {
      (await em.findOneOrFail(Organization, { id: acme.id })).restrictedMode = false;
    });
    const grace = await requester();
    const id = await asked(grace, { customerId: acme.id });
    expect((await approve(acme.admin, id, grace)).status).toBe(200);
    // The colleague's partner is nobody Grace or the customer has to do with.
    const elsewhere = await organization(world, 'partner');
    const colleague = await person(world, 'Colleague', [{ in: elsewhere }, { in: acme.id }]);
    const invited = await person(world, 'Invited', [{ in: elsewhere }]);
    const own = await person(world, 'Own', [{ in: acme.id }]);
    const roles = ['read_only_administrator'];
    const give = (by: Cast, who: Cast) =>
      by.http.put(`/v1/organizations/${acme.id}/members/${who.memberIds[acme.id]}/administrator-roles`, { roles });
    const invite = (by: Cast, email: string) =>
      by.http.post(`/v1/organizations/${acme.id}/invites`, { email, administratorRoles: roles });

    expect(code(await give(grace, colleague))).toBe('403 external_administrator');
    expect(code(await invite(grace, invited.email))).toBe('403 external_administrator');
    expect((await give(grace, own)).status).toBe(200);
    const refused = await acme.admin.http.get(`/v1/organizations/${acme.id}/audit-events?outcome=refused`);
    expect(refused.body.items.map(({ action, facts }: AuditEvent) => `${action} ${String(facts['code'])}`)).toEqual([
      'invite.created external_administrator',
      'membership.administrator-roles-assigned external_administrator',
    ]);
    // The customer's own administrator may.
    expect((await give(acme.admin, colleague)).status).toBe(200);

    // An address that nobody had becomes a partner's person's before the invite is accepted.
    const email = `later-${randomUUID()}@people.example`;
    const open = await invite(grace, email);
    expect(open.status).toBe(201);
    const mail = await world.mail.waitForMail({ to: email });
    const token = /\/invites\/(cs_invite_[\w-]+)/.exec(mail.text ?? '')?.[1];
    await world.database.transaction(asSystem, async (em) => {
      em.create(Address, { address: email, accountId: invited.accountId, kind: 'alias', verifiedAt: new Date() });
    });
    expect(code(await invited.http.post('/v1/invites/accept', { token }))).toBe('403 inviter_not_entitled');
    const again = await acme.admin.http.get(
      `/v1/organizations/${acme.id}/audit-events?outcome=refused&subjectId=${open.body.id}`,
    );
    expect(again.body.items).toMatchObject([{ action: 'invite.accepted', facts: { code: 'external_administrator' } }]);
  });
});

describe('the end', () => {
  it('comes at the date the approver set: by the clock, then by the timer', async () => {
    const acme = await customer();
    const grace = await requester();
    const id = await asked(grace, { customerId: acme.id });
    expect(code(await approve(acme.admin, id, grace, { until: inSeconds(-1) }))).toBe('400 invalid_request');
    const until = inSeconds(3);
    const approved = await approve(acme.admin, id, grace, { until });
    expect(approved.body.access).toMatchObject({ until, status: 'active' });
    expect(await mayWrite(grace, acme.id)).toBe(true);
    const over = await grace.http.get(`${requests}/${id}?wait=10`);
    expect(over.body.access).toMatchObject({ status: 'expired', endedAt: until });
    expect(await mayWrite(grace, acme.id)).toBe(false);
    expect((await listed(acme.admin, acme.id)).body.items).toEqual([]);

    const membership = await eventually(
      () =>
        world.database.transaction(asSystem, (em) =>
          em.findOneOrFail(Membership, { id: approved.body.access.memberId }),
        ),
      (row) => row.removedAt !== null && row.removedAt !== undefined,
    );
    expect(membership.removedAt?.toISOString()).toBe(until);
    for (const who of [grace, acme.admin])
      await world.mail.waitForMail({ to: who.email, kind: 'external-administrator.ended' });
    expect(await actionsOf(acme.id, id)).toEqual([
      'external-administrator.requested success',
      'external-administrator.approved success',
      'external-administrator.ended success',
    ]);
    // What is over may be asked for anew.
    expect((await ask(grace, { customerId: acme.id })).status).toBe(201);
  });

  it('is an instant with any offset or a plain day, shown in UTC, and listed among the temporary accesses', async () => {
    const acme = await customer();
    const grace = await requester();
    const id = await asked(grace, { customerId: acme.id });
    for (const until of ['soon', '2031-02-30', '2031-01-31T18:00:00'])
      expect((await approve(acme.admin, id, grace, { until })).body.errors).toMatchObject([{ pointer: '/until' }]);
    const approved = await approve(acme.admin, id, grace, { until: '2031-01-31T18:00+02:00' });
    const { memberId } = approved.body.access;
    expect(approved.body.access.until).toBe('2031-01-31T16:00:00.000Z');
    // The same again in other words is the same; anything else is another decision.
    const repeated = await approve(acme.admin, id, grace, { until: '2031-01-31T16:00:00Z' });
    expect([repeated.status, repeated.body.decidedAt]).toEqual([200, approved.body.decidedAt]);
    for (const other of [{}, { until: '2031-02-01' }, { until: '2031-01-31T16:00Z', role: 'read_only_administrator' }])
      expect(code(await approve(acme.admin, id, grace, other))).toBe('409 request_not_pending');

    const grant = {
      id: memberId,
      kind: 'external-administrator',
      sourceId: id,
      organizationId: acme.id,
      partnerId: partner,
      account: { id: grace.accountId },
      approvedBy: { id: acme.admin.accountId },
      expiresAt: '2031-01-31T16:00:00.000Z',
      status: 'active',
    };
    const reader = await person(world, 'Reader', [{ in: acme.id, roles: ['read_only_administrator'] }]);
    for (const [who, expected] of [
      [grace, [grant]],
      [acme.admin, [grant]],
      [reader, []],
      [partnersAdmin, []],
    ] as const) {
      const list = await who.http.get(`/v1/grants?organizationId=${acme.id}&status=active`);
      expect(list.body.items).toMatchObject(expected);
      expect((await who.http.get(`/v1/grants/${memberId}`)).status).toBe(expected.length > 0 ? 200 : 404);
    }

    const path = `/v1/organizations/${acme.id}/external-administrators/${memberId}`;
    expect((await acme.admin.http.patch(path, { until: '2031-06-30' })).body.until).toBe('2031-06-30T23:59:59.999Z');
    expect((await acme.admin.http.delete(path)).status).toBe(204);
    expect((await acme.admin.http.get(`/v1/grants?organizationId=${acme.id}&status=revoked`)).body.items).toMatchObject(
      [{ id: memberId, status: 'revoked' }],
    );
    expect((await acme.admin.http.get(`/v1/grants?organizationId=${acme.id}&status=active`)).body.items).toEqual([]);
  });

  it('is set later, moved and taken away again, though the workflow had completed', async () => {
    const acme = await customer();
    const grace = await requester();
    const id = await asked(grace, { customerId: acme.id });
    const { memberId } = (await approve(acme.admin, id, grace)).body.access;
    const handle = world.temporal.client.workflow.getHandle(`external-administrator:${id}`);
    await eventually(
      () => handle.describe(),
      ({ status }) => status.name === 'COMPLETED',
    );
    const path = `/v1/organizations/${acme.id}/external-administrators/${memberId}`;
    expect(code(await acme.admin.http.patch(path, {}))).toBe('400 invalid_request');
    expect(code(await acme.admin.http.patch(path, { until: inSeconds(-5) }))).toBe('400 invalid_request');
    const tag = (await acme.admin.http.get(path)).headers.get('etag') ?? '';
    const dated = await acme.admin.http.patch(path, { until: inSeconds(600) }, { 'if-match': tag });
    expect(dated.status).toBe(200);
    expect(code(await acme.admin.http.patch(path, { until: null }, { 'if-match': tag }))).toBe('412 version_mismatch');
    await eventually(
      () => handle.describe(),
      ({ status }) => status.name === 'RUNNING',
    );
    expect((await acme.admin.http.patch(path, { until: null })).body.until).toBeNull();
    await eventually(
      () => handle.describe(),
      ({ status }) => status.name === 'COMPLETED',
    );
    const soon = inSeconds(2);
    await acme.admin.http.patch(path, { until: soon, role: 'read_only_administrator' });
    expect(await mayWrite(grace, acme.id)).toBe(false);
    await world.mail.waitForMail({ to: grace.email, kind: 'external-administrator.ended' });
    expect(code(await acme.admin.http.patch(path, { until: inSeconds(600) }))).toBe('404 not_found');
    expect((await actionsOf(acme.id, id)).filter((action) => action.includes('changed'))).toHaveLength(3);
    // However often the workflow came back, the approval was told once.
    const told = await world.database.transaction(asSystem, (em) =>
      em.count(MailDelivery, { rowId: id, kind: 'external-administrator.approved' }),
    );
    expect(told).toBe(1);
  });

  it('is for the customer’s own full administrators to change, and new terms not for the requester’s side', async () => {
    const acme = await customer();
    const grace = await requester();
    const id = await asked(grace, { customerId: acme.id });
    const { memberId } = (await approve(acme.admin, id, grace)).body.access;
    const path = `/v1/organizations/${acme.id}/external-administrators/${memberId}`;
    const teammate = await person(world, 'Teammate', [{ in: acme.id, workspaceRole: 'owner' }]);
    const bothSides = await person(world, 'Both Sides', [
      { in: acme.id, roles: ['full_administrator'] },
      { in: partner },
    ]);
    const change = { until: inSeconds(600) };
    expect(code(await grace.http.patch(path, change))).toBe('403 external_administrator');
    expect(code(await grace.http.delete(path))).toBe('403 external_administrator');
    expect(code(await listed(grace, acme.id))).toBe('403 external_administrator');
    expect(code(await teammate.http.patch(path, change))).toBe('403 not_full_administrator');
    expect(code(await listed(teammate, acme.id))).toBe('403 not_full_administrator');
    expect(code(await partnersAdmin.http.delete(path))).toBe('404 not_found');
    expect(code(await bothSides.http.patch(path, change))).toBe('403 approver_in_requesting_partner');
    expect(code(await acme.admin.http.patch(path, { role: 'provisioning_administrator' }))).toBe(
      '403 role_not_available',
    );
    // An external administrator approves nobody else either.
    const other = await requester('Second Asker');
    const second = await asked(other, { customerId: acme.id });
    expect(code(await approve(grace, second, other))).toBe('404 not_found');
    expect((await bothSides.http.delete(path)).status).toBe(204);
  });

  it('comes for everybody of the partner with the relationship', async () => {
    const acme = await customer();
    const grace = await requester();
    const id = await asked(grace, { customerId: acme.id });
    await approve(acme.admin, id, grace);
    const [between] = await world.database.transaction(asSystem, (em) =>
      em.find(Relationship, { customerId: acme.id, activeUntil: null }),
    );
    const ended = await acme.admin.http.delete(`/v1/organizations/${acme.id}/relationships/${between?.id}`);
    expect(ended.status).toBeLessThan(300);
    expect(await mayWrite(grace, acme.id)).toBe(false);
    expect((await acme.admin.http.get(`${requests}/${id}`)).body.access.status).toBe('ended');
  });

  it('comes as well where the member is removed as any other', async () => {
    const acme = await customer();
    const grace = await requester();
    const id = await asked(grace, { customerId: acme.id });
    const { memberId } = (await approve(acme.admin, id, grace)).body.access;
    expect((await acme.admin.http.delete(`/v1/organizations/${acme.id}/members/${memberId}`)).status).toBe(204);
    expect((await grace.http.get(`${requests}/${id}`)).body.access.status).toBe('revoked');
    expect(
      await world.database.transaction(asSystem, (em) =>
        em.count(Relationship, { customerId: acme.id, activeUntil: null }),
      ),
    ).toBe(0);
  });
});

describe('attaching without approval', () => {
  let open: World;
  beforeAll(async () => {
    open = await createWorld({ environment: { ATTACH_WITHOUT_APPROVAL: 'true' } });
  }, 60_000);
  afterAll(() => open?.stop());

  const attach = (who: Cast, customerId: string) =>
    who.http.post(requests, { customerId, reason: 'A new order', attach: true });

  it('is off unless the deployment switches it on', async () => {
    const acme = await customer();
    const grace = await requester();
    expect(code(await ask(grace, { customerId: acme.id, attach: true }))).toBe('409 approval_required');
    expect(code(await ask(grace, { customerId: randomUUID(), attach: true }))).toBe('409 approval_required');
  });

  it('lets in at once and with notice: full where there is no licence, else provisioning', async () => {
    const northwind = await organization(open, 'partner', { name: 'Northwind' });
    const grace = await person(open, 'Grace', [{ in: northwind, roles: ['partner_administrator'] }]);
    for (const [hasActiveLicence, role] of [
      [false, 'full_administrator'],
      [true, 'provisioning_administrator'],
    ] as const) {
      const id = await organization(open, 'customer', { name: 'Small' });
      const admin = await person(open, 'Small Admin', [{ in: id, roles: ['full_administrator'] }]);
      await open.database.transaction(asSystem, (em) => em.nativeUpdate(Organization, { id }, { hasActiveLicence }));
      const answer = await attach(grace, id);
      expect(answer).toMatchObject({
        status: 201,
        body: { status: 'approved', attached: true, customerName: 'Small', access: { role, status: 'active' } },
      });
      expect(await mayWrite(grace, id)).toBe(true);
      const notice = await open.mail.waitForMail({ to: admin.email, kind: 'external-administrator.attached' });
      expect(notice.text).toContain('Grace');
      const path = `/v1/organizations/${id}/external-administrators/${answer.body.access.memberId}`;
      expect((await admin.http.delete(path)).status).toBe(204);
      expect(await mayWrite(grace, id)).toBe(false);
    }
  });

  it('is refused alike for every customer that must approve, and for none at all', async () => {
    const northwind = await organization(open, 'partner');
    const rival = await organization(open, 'partner');
    const grace = await person(open, 'Grace', [{ in: northwind, roles: ['partner_administrator'] }]);
    const withPartner = await organization(open, 'customer');
    await relationship(open, rival, withPartner);
    const large = await organization(open, 'customer');
    const withDomain = await organization(open, 'customer');
    await open.database.transaction(asSystem, async (em) => {
      await em.nativeUpdate(Organization, { id: withDomain }, { domains: ['attach.example'] });
    });
    // Only the support team says what was bought.
    const size = { subscription: { userCount: 100 } };
    expect((await grace.http.patch(`/v1/organizations/${large}`, size)).status).toBe(404);
    expect((await open.support.patch(`/v1/organizations/${large}`, size)).status).toBe(200);
    for (const id of [withPartner, large, withDomain, rival, randomUUID()])
      expect(code(await attach(grace, id))).toBe('409 approval_required');
    const byDomain = await grace.http.post(requests, { customerDomain: 'attach.example', reason: 'x', attach: true });
    expect(code(byDomain)).toBe('409 approval_required');
    await open.database.transaction(asSystem, async (em) => {
      expect(await em.count(ExternalAdministratorRequest, { partnerId: northwind })).toBe(0);
    });
  });

  it('lets one of two partners in that attach at the same moment', async () => {
    const id = await organization(open, 'customer');
    const people = await Promise.all(
      ['Ann', 'Ben', 'Cid'].map(async (name) =>
        person(open, name, [{ in: await organization(open, 'partner'), roles: ['partner_administrator'] }]),
      ),
    );
    const answers = await Promise.all(people.map((one) => attach(one, id)));
    expect(answers.map(({ status }) => status).sort((one, other) => one - other)).toEqual([201, 409, 409]);
  });
});
