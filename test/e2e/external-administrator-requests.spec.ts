import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Account, asSystem, ExternalAdministratorRequest, Organization } from '#persistence';
import { mailsAbout, organization, person, relationship, type Cast } from '../support/cast.ts';
import { untilIt } from '../support/eventually.ts';
import {
  approve,
  ask,
  asked,
  code,
  listed,
  requests,
  setExternalAdministratorStage,
  type ExternalAdministratorStage,
} from '../support/external-administrator-stage.ts';
import { mayWrite } from '../support/people.ts';
import { createWorld, type World } from '../support/world.ts';

/** Who asks to administer a customer, and what happens then. */
let world: World;
let stage: ExternalAdministratorStage;

beforeAll(async () => {
  world = await createWorld();
  stage = await setExternalAdministratorStage(world);
}, 120_000);

afterAll(() => world?.stop());

describe('asking', () => {
  it('leads over mail and approval to access, and its removal ends it at once', async () => {
    const acme = await stage.customer({ name: 'Acme' });
    const grace = await stage.requester();
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
    expect(await stage.actionsOf(acme.id, id)).toEqual([
      'external-administrator.requested success',
      'external-administrator.approved success',
      'external-administrator.removed success',
    ]);
    await world.mail.waitForMail({ to: acme.admin.email, kind: 'external-administrator.ended' });
    expect(mailsAbout(world, id, [grace, acme.admin])).toEqual([
      'external-administrator.approved to Grace Requester',
      'external-administrator.ended to Acme Admin',
      'external-administrator.ended to Grace Requester',
      'external-administrator.requested to Acme Admin',
    ]);
  });

  it('is for partner administrators without access to the customer', async () => {
    const acme = await stage.customer();
    const colleague = await person(world, 'Colleague', [{ in: stage.partnerId, roles: ['help_desk_advanced'] }]);
    expect(code(await ask(colleague, { customerId: acme.id }))).toBe('403 not_partner_administrator');
    expect(code(await ask(acme.admin, { customerId: acme.id }))).toBe('403 not_partner_administrator');
    await relationship(world, stage.partnerId, acme.id);
    expect(code(await ask(stage.partnersAdmin, { customerId: acme.id }))).toBe('409 has_access_already');
    // A partner administrator who is not assigned to the managed customer has none.
    expect((await ask(await stage.requester(), { customerId: acme.id })).status).toBe(201);
  });

  it('is refused to people of the consumer organization', async () => {
    const grace = await stage.requester();
    await world.database.transaction(asSystem, (em) =>
      em.nativeUpdate(Account, { id: grace.accountId }, { consumer: true }),
    );
    expect(code(await ask(grace, { customerId: (await stage.customer()).id }))).toBe('403 consumer_account');
  });

  it('asks for the partner where somebody works for several', async () => {
    const second = await organization(world, 'partner');
    const grace = await person(world, 'Grace Both', [
      { in: stage.partnerId, roles: ['partner_administrator'] },
      { in: second, roles: ['partner_administrator'] },
    ]);
    const { id } = await stage.customer();
    const answer = await ask(grace, { customerId: id });
    expect(code(answer)).toBe('400 partner_required');
    expect(answer.body.partnerIds).toEqual([stage.partnerId, second]);
    expect((await ask(grace, { customerId: id, partnerId: second })).body.partnerId).toBe(second);
  });

  it('names the customer by id or by domain, not by both or neither', async () => {
    const grace = await stage.requester();
    expect(code(await ask(grace, {}))).toBe('400 invalid_request');
    expect(code(await ask(grace, { customerId: randomUUID(), customerDomain: 'acme.example' }))).toBe(
      '400 invalid_request',
    );
  });

  it('mails the addressed administrator and at most five others', async () => {
    const acme = await stage.customer({ name: 'Large' });
    const admins = [acme.admin];
    for (let count = 2; count <= 7; count += 1)
      admins.push(
        await person(world, `Admin ${'abcdefg'[count - 1]}`, [{ in: acme.id, roles: ['full_administrator'] }]),
      );
    await person(world, 'Onlooker', [{ in: acme.id, roles: ['read_only_administrator'] }]);
    await person(world, 'External', [{ in: acme.id, roles: ['full_administrator'], kind: 'external' }]);
    const last = admins[6];
    const grace = await stage.requester();
    const id = await asked(grace, { customerId: acme.id, addressedTo: last?.email.toUpperCase() });
    const told = [...admins.slice(0, 5), last].map((one) => `external-administrator.requested to ${one?.displayName}`);
    const mails = await untilIt(
      () => mailsAbout(world, id, admins),
      (all) => all.length >= 6,
    );
    expect(mails).toEqual(told.sort());
  });

  it('keeps one open request per requester and customer', async () => {
    const acme = await stage.customer();
    const grace = await stage.requester();
    const answers = await Promise.all([1, 2, 3].map(() => ask(grace, { customerId: acme.id })));
    expect(answers.map(({ status }) => status).sort((one, other) => one - other)).toEqual([201, 409, 409]);
    expect(answers.filter(({ status }) => status === 409).map(({ body }) => body.code)).toEqual([
      'request_already_open',
      'request_already_open',
    ]);
    expect((await ask(await stage.requester('Other Requester'), { customerId: acme.id })).status).toBe(201);
  });

  it('is done once per idempotency key', async () => {
    const { id } = await stage.customer();
    const grace = await stage.requester();
    const body = { customerId: id, reason: 'Once' };
    const key = { 'idempotency-key': randomUUID() };
    const first = await grace.http.post(requests, body, key);
    const second = await grace.http.post(requests, body, key);
    expect(second).toMatchObject({ status: 201, body: first.body });
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
    const acme = await stage.customer();
    const grace = await stage.requester();
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
