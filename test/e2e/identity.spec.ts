import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Address, asSystem, FailedAttempt, PasswordReset, Session } from '#persistence';
import { HttpClient } from '../support/http-client.ts';
import {
  addMember,
  createCustomer,
  createPartner,
  inviteTokenFor,
  signIn,
  testPassword,
  type OrganizationWithFirst,
  type Person,
} from '../support/people.ts';
import { showSecondFactor } from '../support/support-team.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let partner: OrganizationWithFirst;
let customer: OrganizationWithFirst;

beforeAll(async () => {
  world = await createWorld();
  partner = await createPartner(world);
  customer = await createCustomer(world, partner);
}, 120_000);

// One test's guesses must not lock out the next one's people, who come from the same address.
beforeEach(() => world.database.transaction(asSystem, (em) => em.nativeDelete(FailedAttempt, {})));

afterAll(() => world?.stop());

const login = (email: string, password: string) => world.visitor.post('/v1/sessions', { email, password });
const wrong = 'not the password at all';

describe('signing in', () => {
  it('answers the same for an unknown address as for a wrong password, lock-out included', async () => {
    const answers = async (email: string) => {
      const seen: unknown[] = [];
      for (let attempt = 0; attempt < 12; attempt += 1) {
        const { status, body } = await login(email, wrong);
        const { instance: _instance, ...rest } = body;
        seen.push({ status, ...rest });
      }
      return seen;
    };
    const known = await answers(customer.first.email);
    const unknown = await answers('nobody@nowhere.example');
    expect(unknown).toEqual(known);
    expect(known.map((answer) => (answer as { status: number }).status)).toEqual([...Array(10).fill(401), 429, 429]);
  });

  it('locks a name out after ten tries, however it is written and whoever tries, and says for how long', async () => {
    const person = await addMember(world, customer);
    await Promise.all(Array.from({ length: 30 }, () => login(person.email, wrong)));
    const refused = await login(person.email.toUpperCase(), testPassword);
    expect(refused).toMatchObject({ status: 429, body: { code: 'too_many_requests' } });
    const wait = Number(refused.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(800);
    expect(wait).toBeLessThanOrEqual(900);
    // Others sign in as ever.
    expect((await login(customer.first.email, testPassword)).status).toBe(201);
  });

  it('lets no more than ten of many tries at once reach the password', async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, () => login(partner.first.email, wrong)));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(10);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(30);
  });

  it('lets many people in at once from one address, and one person in many windows', async () => {
    const answers = await Promise.all(Array.from({ length: 130 }, () => login(customer.first.email, testPassword)));
    expect(answers.filter(({ status }) => status !== 201)).toEqual([]);
  });

  it('forgets the tries in vain of somebody who gets in', async () => {
    for (let round = 0; round < 3; round += 1) {
      for (let attempt = 0; attempt < 8; attempt += 1) await login(customer.first.email, wrong);
      expect((await login(customer.first.email, testPassword)).status).toBe(201);
    }
  });

  it('stops a network that tries a hundred names', async () => {
    const answers = [];
    for (let attempt = 0; attempt < 105; attempt += 1)
      answers.push(await login(`name-${attempt}@guess.example`, wrong));
    expect(answers.slice(0, 100).every(({ status }) => status === 401)).toBe(true);
    expect(answers.slice(100).every(({ status }) => status === 429)).toBe(true);
  });
});

describe('sessions', () => {
  it('are listed and ended by the person, and nobody else', async () => {
    const person = await addMember(world, customer);
    const phone = await signIn(world, person.email);
    const mine = await person.http.get('/v1/sessions');
    expect(mine.body.items).toHaveLength(2);
    expect(mine.body.items.filter(({ current }: { current: boolean }) => current)).toHaveLength(1);
    const other = mine.body.items.find(({ current }: { current: boolean }) => !current);

    expect((await customer.first.http.delete(`/v1/sessions/${other.id}`)).status).toBe(404);
    expect((await phone.get('/v1/me')).status).toBe(200);
    expect((await person.http.delete(`/v1/sessions/${other.id}`)).status).toBe(204);
    expect((await phone.get('/v1/me')).status).toBe(401);
    expect((await person.http.delete(`/v1/sessions/${other.id}`)).status).toBe(404);
    expect((await person.http.get('/v1/me')).status).toBe(200);
    expect((await world.support.get('/v1/sessions')).status).toBe(403);
  });

  it('end when they were not used for long, and after a working day at the latest', async () => {
    const person = await addMember(world, customer);
    const move = (change: object) =>
      world.database.transaction(asSystem, (em) => em.nativeUpdate(Session, { accountId: person.accountId }, change));
    await move({ lastSeenAt: new Date(Date.now() - 3 * 3600_000) });
    expect((await person.http.get('/v1/me')).status).toBe(401);
    await move({ lastSeenAt: new Date(), expiresAt: new Date(Date.now() - 1000) });
    expect((await person.http.get('/v1/me')).status).toBe(401);
  });
});

describe('a forgotten password', () => {
  const linkTo = async (email: string, after?: Date) => {
    const mail = await world.mail.waitForMail({ to: email, kind: 'password.reset', ...(after && { after }) }, 15_000);
    const token = /\/reset-password\/(cs_reset_[\w-]+)/.exec(mail.text)?.[1];
    expect(token).toBeDefined();
    return token ?? '';
  };

  it('is replaced by the link of the mail, once; every session ends and the person is told', async () => {
    const person = await addMember(world, customer);
    const phone = await signIn(world, person.email);
    for (let attempt = 0; attempt < 11; attempt += 1) await login(person.email, wrong);
    expect((await login(person.email, testPassword)).status).toBe(429);

    expect((await world.visitor.post('/v1/password-resets', { email: person.email.toUpperCase() })).status).toBe(202);
    const token = await linkTo(person.email);
    const weak = await world.visitor.post('/v1/password-resets/complete', { token, password: 'Password1' });
    expect(weak).toMatchObject({ status: 400, body: { code: 'password_not_acceptable', reason: 'too_common' } });
    const named = await world.visitor.post('/v1/password-resets/complete', { token, password: customer.slug });
    expect(named).toMatchObject({ status: 400, body: { code: 'password_not_acceptable', reason: 'too_personal' } });

    const password = 'nineteen grey herons';
    const complete = () => world.visitor.post('/v1/password-resets/complete', { token, password });
    const answers = await Promise.all(Array.from({ length: 5 }, complete));
    expect(answers.map(({ status }) => status === 204 || status)).toEqual(expect.arrayContaining([true, 410]));
    expect(answers.filter(({ status }) => status === 410)).toHaveLength(4);
    await world.mail.waitForMail({ to: person.email, kind: 'password.changed' }, 15_000);
    expect((await phone.get('/v1/me')).status).toBe(401);
    expect((await person.http.get('/v1/me')).status).toBe(401);
    expect((await login(person.email, testPassword)).status).toBe(401);
    expect((await login(person.email, password)).status).toBe(201);
    const trail = await customer.first.http.get(
      `/v1/organizations/${customer.id}/audit-events?action=account.password-reset`,
    );
    expect(trail.body.items[0]).toMatchObject({ action: 'account.password-reset', actor: { id: person.accountId } });
  });

  it('answers the same for an address nobody has, sends no mail and keeps no trace of it', async () => {
    const known = await world.visitor.post('/v1/password-resets', { email: customer.first.email });
    const unknown = await world.visitor.post('/v1/password-resets', { email: 'ghost@nowhere.example' });
    expect([unknown.status, unknown.body]).toEqual([known.status, known.body]);
    await linkTo(customer.first.email);
    const left = async () =>
      world.database.transaction(asSystem, (em) => em.count(PasswordReset, { address: { $ne: null } }));
    for (let look = 0; look < 100 && (await left()) > 0; look += 1) await new Promise((go) => setTimeout(go, 100));
    expect(await left()).toBe(0);
    expect(world.mail.mails().filter(({ to }) => to.includes('ghost@nowhere.example'))).toHaveLength(0);
  });

  it('needs no worker to be asked for: the mail goes out when one is there again', async () => {
    const person = await addMember(world, customer);
    await world.stopWorker();
    expect((await world.visitor.post('/v1/password-resets', { email: person.email })).status).toBe(202);
    await world.startWorker();
    await linkTo(person.email);
  });

  it('voids the other links, ends after an hour and fills nobody’s mailbox', async () => {
    const person = await addMember(world, customer);
    const ask = () => world.visitor.post('/v1/password-resets', { email: person.email });
    await ask();
    const first = await linkTo(person.email);
    await world.database.transaction(asSystem, (em) =>
      em.nativeUpdate(PasswordReset, { accountId: person.accountId }, { expiresAt: new Date(Date.now() - 1000) }),
    );
    const late = await world.visitor.post('/v1/password-resets/complete', {
      token: first,
      password: 'brisk autumn walk',
    });
    expect(late).toMatchObject({ status: 410, body: { code: 'reset_link_invalid' } });
    for (let more = 0; more < 4; more += 1) expect((await ask()).status).toBe(202);
    expect(await ask()).toMatchObject({ status: 429, body: { code: 'too_many_requests' } });
    const made = await world.visitor.post('/v1/password-resets/complete', {
      token: 'cs_reset_x',
      password: testPassword,
    });
    expect(made.status).toBe(410);
  });
});

describe('changing the password', () => {
  it('asks for the present one, ends the other sessions and keeps this one', async () => {
    const person = await addMember(world, customer);
    const phone = await signIn(world, person.email);
    const change = (currentPassword: string, password: string) =>
      person.http.put('/v1/me/password', { currentPassword, password });
    expect((await change(wrong, 'seven polished stones')).status).toBe(401);
    expect((await change(testPassword, 'short')).status).toBe(400);
    expect((await change(testPassword, 'seven polished stones')).status).toBe(204);
    expect((await person.http.get('/v1/me')).status).toBe(200);
    expect((await phone.get('/v1/me')).status).toBe(401);
    await world.mail.waitForMail({ to: person.email, kind: 'password.changed' }, 15_000);
  });
});

describe('an alias', () => {
  /** As if a mail to it had been answered. */
  const proven = (address: string) =>
    world.database.transaction(asSystem, (em) =>
      em.nativeUpdate(Address, { address: address.toLowerCase() }, { verifiedAt: new Date() }),
    );

  const aliasesOf = (organization: OrganizationWithFirst, person: Person) =>
    `/v1/organizations/${organization.id}/members/${person.memberId}/aliases`;

  it('signs in, resolves invites, is used once in any case, and is taken away again', async () => {
    const person = await addMember(world, partner);
    const address = `Second-${person.accountId}@northwind.example`;
    const given = await partner.first.http.post(aliasesOf(partner, person), { address });
    expect(given).toMatchObject({ status: 201, body: { address: address.toLowerCase(), verifiedAt: null } });
    // Nobody has answered a mail to it yet.
    expect((await login(address, testPassword)).status).toBe(401);
    await proven(address);
    expect((await login(address, testPassword)).status).toBe(201);
    expect((await person.http.get('/v1/me')).body.account.aliases).toEqual([address.toLowerCase()]);
    const again = await partner.first.http.post(aliasesOf(partner, person), { address: address.toUpperCase() });
    expect(again).toMatchObject({ status: 409, body: { code: 'address_taken' } });
    const main = await partner.first.http.post(aliasesOf(partner, person), { address: partner.first.email });
    expect(main).toMatchObject({ status: 409, body: { code: 'address_taken' } });
    const member = await partner.first.http.post(`/v1/organizations/${partner.id}/invites`, {
      email: address,
      workspaceRole: 'read_only',
    });
    expect(member).toMatchObject({ status: 409, body: { code: 'already_member' } });

    const list = await partner.first.http.get(aliasesOf(partner, person));
    expect(list.body.items).toMatchObject([{ address: address.toLowerCase() }]);
    const gone = await partner.first.http.delete(`${aliasesOf(partner, person)}/${encodeURIComponent(address)}`);
    expect(gone.status).toBe(204);
    expect((await login(address, testPassword)).status).toBe(401);
    const trail = await partner.first.http.get(
      `/v1/organizations/${partner.id}/audit-events?subjectId=${person.memberId}`,
    );
    expect(trail.body.items.map((event: { action: string }) => event.action)).toEqual(
      expect.arrayContaining(['alias.added', 'alias.removed']),
    );
  });

  it('is found where it says it is, and taken away only as it was read', async () => {
    const person = await addMember(world, partner);
    const given = await partner.first.http.post(aliasesOf(partner, person), {
      address: `x+${person.accountId}@a.example`,
    });
    const location = given.headers.get('location') ?? '';
    const read = await partner.first.http.get(location);
    expect(read).toMatchObject({ status: 200, body: given.body });
    expect((await partner.first.http.delete(location, { 'if-match': '"another"' })).status).toBe(412);
    const tag = read.headers.get('etag') ?? '';
    expect((await partner.first.http.delete(location, { 'if-match': tag })).status).toBe(204);
    expect((await partner.first.http.get(location)).status).toBe(404);
  });

  it('that nobody proved takes no invite elsewhere, and gives way to the owner of the mailbox', async () => {
    const squatter = await addMember(world, partner);
    const email = `owner-of-${squatter.accountId}@real.example`;
    await partner.first.http.post(aliasesOf(partner, squatter), { address: email });
    const invited = await customer.first.http.post(`/v1/organizations/${customer.id}/invites`, {
      email,
      workspaceRole: 'read_only',
    });
    expect(invited.status).toBe(201);
    const token = await inviteTokenFor(world, email);
    expect(await squatter.http.post('/v1/invites/accept', { token })).toMatchObject({
      status: 403,
      body: { code: 'address_mismatch' },
    });
    const accepted = await world.visitor.post('/v1/invites/accept', {
      token,
      username: `owner-${squatter.accountId}`,
      password: testPassword,
    });
    expect(accepted.status).toBe(200);
    expect(accepted.body.accountId).not.toBe(squatter.accountId);
    // What another organization says of the address stays its own word, and nothing there tells that it is no longer more.
    expect((await squatter.http.get('/v1/me')).body.account.aliases).toEqual([email]);
    expect((await login(email, testPassword)).body.account.id).toBe(accepted.body.accountId);
    const trail = await partner.first.http.get(
      `/v1/organizations/${partner.id}/audit-events?action=alias.removed&subjectId=${squatter.memberId}`,
    );
    expect(trail.body.items).toEqual([]);
  });

  it('is not for everybody to give: not by readers, not to Owners by others, not elsewhere', async () => {
    const reader = await addMember(world, partner, { workspaceRole: 'read_only' });
    const full = await addMember(world, partner, { workspaceRole: 'full_access' });
    const address = 'somebody@northwind.example';
    expect(await reader.http.post(aliasesOf(partner, full), { address })).toMatchObject({
      status: 403,
      body: { code: 'may_not_change_aliases' },
    });
    expect((await full.http.post(aliasesOf(partner, partner.first), { address })).status).toBe(403);
    expect((await full.http.post(aliasesOf(partner, reader), { address })).status).toBe(201);
    expect((await reader.http.get(aliasesOf(partner, reader))).status).toBe(200);
    const stranger = await addMember(world, customer, { workspaceRole: 'full_access' });
    const foreign = await createPartner(world, 'Elsewhere');
    expect((await stranger.http.post(aliasesOf(foreign, foreign.first), { address: 'x@y.example' })).status).toBe(404);
    // Another organization's address is not this one's to take away.
    const mainAddress = `${aliasesOf(partner, reader)}/${encodeURIComponent(reader.email)}`;
    expect((await partner.first.http.delete(mainAddress)).status).toBe(404);
  });
});

describe('an API key', () => {
  const keysOf = ({ id }: { id: string }) => `/v1/organizations/${id}/api-keys`;

  it('acts with roles of its own, shows its token once and is out when it is revoked', async () => {
    const made = await partner.first.http.post(
      keysOf(partner),
      { name: 'Provisioning', workspaceRole: 'full_access', scopes: ['invites:write', 'members:read'] },
      { 'idempotency-key': 'the-same-key' },
    );
    expect(made).toMatchObject({ status: 201, body: { token: expect.stringMatching(/^cs_key_/) } });
    const repeated = await partner.first.http.post(
      keysOf(partner),
      { name: 'Provisioning', workspaceRole: 'full_access', scopes: ['invites:write', 'members:read'] },
      { 'idempotency-key': 'the-same-key' },
    );
    expect(repeated.body).toEqual(made.body);
    const service = new HttpClient(world.baseUrl, made.body.token);
    const email = 'invited-by-service@northwind.example';
    const invited = await service.post(`/v1/organizations/${partner.id}/invites`, {
      email,
      workspaceRole: 'read_only',
    });
    expect(invited.status).toBe(201);
    const accepted = await world.visitor.post('/v1/invites/accept', {
      token: await inviteTokenFor(world, email),
      username: 'invited-by-service',
      password: testPassword,
    });
    expect(accepted.status).toBe(200);
    const aboutIt = {
      id: made.body.id,
      name: 'Provisioning',
      organizationId: partner.id,
      workspaceRole: 'full_access',
    };
    expect(await service.get('/v1/me')).toMatchObject({
      status: 200,
      body: { account: null, session: null, service: aboutIt, memberships: [], support: false },
    });
    expect(await service.delete('/v1/sessions/current')).toMatchObject({
      status: 403,
      body: { code: 'person_required' },
    });
    expect((await service.get(`/v1/organizations/${customer.id}/members`)).status).toBe(404);

    const location = made.headers.get('location') ?? '';
    const one = await partner.first.http.get(location);
    expect(one).toMatchObject({ status: 200, body: { id: made.body.id, revokedAt: null } });
    expect(one.body.token).toBeUndefined();
    expect((await partner.first.http.delete(location, { 'if-match': '"another"' })).status).toBe(412);
    const list = await partner.first.http.get(keysOf(partner));
    expect(list.body.items).toMatchObject([{ id: made.body.id, name: 'Provisioning', revokedAt: null }]);
    expect(JSON.stringify(list.body)).not.toContain(made.body.token);
    expect((await partner.first.http.delete(`${keysOf(partner)}/${made.body.id}`)).status).toBe(204);
    expect((await partner.first.http.delete(`${keysOf(partner)}/${made.body.id}`)).status).toBe(204);
    expect((await service.get(`/v1/organizations/${partner.id}/members`)).status).toBe(401);
  });

  it('is given no role its creator could not give, is no Owner, and makes no keys', async () => {
    const full = await addMember(world, partner, { workspaceRole: 'full_access' });
    const reader = await addMember(world, partner, { workspaceRole: 'read_only' });
    const attempts: [HttpClient, object, string][] = [
      [reader.http, { workspaceRole: 'read_only' }, 'may_not_manage_api_keys'],
      [full.http, { administratorRoles: ['full_administrator'] }, 'may_not_assign_administrator_roles'],
      [partner.first.http, { workspaceRole: 'owner' }, 'role_not_available'],
      [world.support, { workspaceRole: 'read_only' }, 'may_not_manage_api_keys'],
    ];
    for (const [http, roles, code] of attempts) {
      expect(await http.post(keysOf(partner), { name: 'No', ...roles })).toMatchObject({ status: 403, body: { code } });
    }
    const outside = await customer.first.http.post(keysOf(partner), { name: 'No', workspaceRole: 'read_only' });
    expect(outside.status).toBe(404);
    const made = await partner.first.http.post(keysOf(partner), {
      name: 'Own',
      administratorRoles: ['full_administrator'],
    });
    const service = new HttpClient(world.baseUrl, made.body.token);
    expect((await service.post(keysOf(partner), { name: 'Child' })).status).toBe(403);
  });

  it('approves and denies nothing, whatever roles it has', async () => {
    const agent = await addMember(world, partner, { administratorRoles: ['help_desk_advanced'] });
    const made = await customer.first.http.post(keysOf(customer), {
      name: 'Robot',
      administratorRoles: ['full_administrator'],
    });
    expect(made.status).toBe(201);
    const service = new HttpClient(world.baseUrl, made.body.token);
    const asked = await agent.http.post('/v1/elevations', { customerId: customer.id, reason: 'Phones are silent' });
    expect(asked.body.eligibleApprovers.count).toBe(1);
    expect((await service.post(`/v1/elevations/${asked.body.id}/approve`)).status).toBe(403);
    expect((await service.post(`/v1/elevations/${asked.body.id}/deny`)).status).toBe(403);
    expect((await agent.http.get(`/v1/elevations/${asked.body.id}`)).body.status).toBe('pending');
  });
});

describe('the support team', () => {
  it('takes its first people in by the bootstrap token; they sign in by name and work as support', async () => {
    const organizations = await world.support.get('/v1/organizations?query=support');
    const platform = organizations.body.items.find(({ kind }: { kind: string }) => kind === 'platform');
    const email = 'sue@support.example';
    const invited = await world.support.post(`/v1/organizations/${platform.id}/invites`, {
      email,
      displayName: 'Sue',
      workspaceRole: 'full_access',
    });
    expect(invited.status).toBe(201);
    const accepted = await world.visitor.post('/v1/invites/accept', {
      token: await inviteTokenFor(world, email),
      username: 'sue',
      password: testPassword,
    });
    expect(accepted.status).toBe(200);
    const sue = await signIn(world, email);
    expect((await sue.get('/v1/me')).body).toMatchObject({ support: false });
    await showSecondFactor(world, email);
    expect((await sue.get('/v1/me')).body).toMatchObject({ support: true });
    const created = await sue.post('/v1/organizations', {
      kind: 'customer',
      name: 'By Sue',
      slug: 'by-sue',
      loginMethods: ['password'],
      firstAdministrator: { email: 'first@by-sue.example', displayName: 'First' },
    });
    expect(created.status).toBe(201);
    const trail = await customer.first.http.post(`/v1/organizations/${platform.id}/invites`, {
      email: 'me@harbour.example',
      workspaceRole: 'full_access',
    });
    expect(trail.status).toBe(404);
  });
});

describe('the rate of requests', () => {
  it('is limited per caller, with evaluations apart, and tells when to come again', async () => {
    const slow = await createWorld({ worker: false, environment: { REQUESTS_PER_MINUTE: '5' } });
    try {
      const statuses = [];
      for (let request = 0; request < 7; request += 1)
        statuses.push((await slow.support.get('/v1/organizations')).status);
      expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
      const refused = await slow.support.get('/v1/organizations');
      expect(refused.body.code).toBe('too_many_requests');
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await slow.support.post('/access/v1/evaluation', {})).status).toBe(400);
      expect((await slow.visitor.get('/health/live')).status).toBe(200);
      expect((await slow.visitor.post('/v1/sessions', { email: 'a@b.example', password: 'x' })).status).toBe(401);
    } finally {
      await slow.stop();
    }
  });
});
