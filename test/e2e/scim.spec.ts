import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asSystem, AuditEvent, Invite, ScimToken } from '#persistence';
import { organization, person, relationship, service, type Cast } from '../support/cast.ts';
import { HttpClient, type Answer } from '../support/http-client.ts';
import { acceptInvite, signIn } from '../support/people.ts';
import { createWorld, type World } from '../support/world.ts';

/** What a tenant's directory says is true in that tenant, and makes nobody a member. */
let world: World;
let partnerId: string;
let customerId: string;
let strangersId: string;
/** Owner and full administrator of the customer. */
let maria: Cast;
let agent: Cast;
let partnersAdmin: Cast;
let okta: HttpClient;
let counter = 0;

const userSchema = 'urn:ietf:params:scim:schemas:core:2.0:User';
const patchSchema = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const users = (organizationId = customerId) => `/scim/v2/${organizationId}/Users`;
const tokens = (organizationId = customerId) => `/v1/organizations/${organizationId}/scim-tokens`;
const address = (name: string) => `${name}-${(counter += 1)}@directory.example`;
const operations = (...ops: object[]) => ({ schemas: [patchSchema], Operations: ops });

async function directoryToken(by: Cast, organizationId: string, more: object = {}): Promise<Answer> {
  return by.http.post(tokens(organizationId), { name: 'Okta', ...more });
}

beforeAll(async () => {
  world = await createWorld();
  partnerId = await organization(world, 'partner');
  customerId = await organization(world, 'customer');
  strangersId = await organization(world, 'customer');
  await relationship(world, partnerId, customerId);
  await relationship(world, partnerId, strangersId);
  maria = await person(world, 'Maria', [{ in: customerId, roles: ['full_administrator'], workspaceRole: 'owner' }]);
  partnersAdmin = await person(world, 'Pia', [
    { in: partnerId, roles: ['full_administrator', 'partner_full_administrator'], workspaceRole: 'owner' },
  ]);
  agent = await person(world, 'Agent', [{ in: partnerId, roles: ['help_desk_advanced'] }]);
  const made = await directoryToken(maria, customerId);
  expect(made).toMatchObject({ status: 201, body: { status: 'active', workspaceRole: 'restricted' } });
  okta = new HttpClient(world.baseUrl, made.body.token);
}, 180_000);

afterAll(() => world?.stop());

async function provision(email: string, more: object = {}): Promise<Answer> {
  const answer = await okta.post(users(), { schemas: [userSchema], userName: email, ...more });
  expect(answer).toMatchObject({ status: 201 });
  return answer;
}

const eventsOf = (action: string) =>
  world.database.transaction(asSystem, (em) => em.find(AuditEvent, { action }, { orderBy: { id: 'asc' } }));
const invitesTo = (email: string) => world.database.transaction(asSystem, (em) => em.find(Invite, { email }));

describe('a directory token', () => {
  it('is made by an Owner in a session, shown once, mailed about, and on the trail', async () => {
    const olga = await person(world, 'Olga', [{ in: strangersId, roles: [], workspaceRole: 'owner' }]);
    const made = await directoryToken(olga, strangersId, { name: 'Entra ID', workspaceRole: 'read_only' });
    expect(made).toMatchObject({
      status: 201,
      body: {
        name: 'Entra ID',
        token: expect.stringMatching(/^cs_scim_/),
        baseUrl: `${world.config.publicUrl}/scim/v2/${strangersId}`,
        responsible: { id: olga.accountId },
      },
    });
    const days = (Date.parse(made.body.expiresAt) - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(90);
    const mail = await world.mail.waitForMail({ to: olga.email, kind: 'organization.directory-token-changed' }, 15_000);
    expect(mail.text).toContain('Entra ID');
    expect((await olga.http.get(`${tokens(strangersId)}/${made.body.id}`)).body).not.toHaveProperty('token');
    const stored = await world.database.transaction(asSystem, (em) => em.findOneOrFail(ScimToken, made.body.id));
    expect(JSON.stringify(stored)).not.toContain(made.body.token);
    expect((await eventsOf('scim-token.created')).map(({ actor }) => actor.id)).toContain(olga.accountId);
  });

  it('is nobody else’s to make: no partner, no key, no external administrator, no teammate', async () => {
    const external = await person(world, 'External', [
      { in: customerId, roles: ['full_administrator'], kind: 'external' },
      { in: partnerId },
    ]);
    const teammate = await person(world, 'Teammate', [{ in: customerId }]);
    const key = await service(world, customerId, ['full_administrator']);
    const body = { name: 'Mine' };
    expect((await partnersAdmin.http.post(tokens(), body)).body.code).toBe('authentication_is_the_tenants_own');
    expect((await external.http.post(tokens(), body)).status).toBe(403);
    expect((await teammate.http.post(tokens(), body)).body.code).toBe('may_not_change_login_methods');
    expect((await key.post(tokens(), body)).body.code).toBe('person_required');
    expect((await world.support.post(tokens(), body)).status).toBe(403);
    expect((await okta.post(tokens(), body)).status).toBe(401);
    const tooLong = new Date(Date.now() + 400 * 86_400_000).toISOString();
    expect((await maria.http.post(tokens(), { ...body, expiresAt: tooLong })).body.code).toBe('duration_above_policy');
  });

  it('opens its own organization’s directory and nothing else', async () => {
    expect((await okta.get(users())).status).toBe(200);
    expect((await okta.get(users(strangersId))).status).toBe(404);
    expect((await okta.get('/v1/me')).status).toBe(401);
    expect((await okta.get(`/v1/organizations/${customerId}/members`)).status).toBe(401);
    expect((await maria.http.get(users())).status).toBe(401);
    const refused = await world.visitor.get(users());
    expect(refused).toMatchObject({ status: 401, body: { status: '401' } });
    expect(refused.headers.get('content-type')).toContain('application/scim+json');
  });

  it('goes on beside its successor for a while, and ends when it is revoked', async () => {
    const made = await directoryToken(maria, customerId, { name: 'Old' });
    const path = `${tokens()}/${made.body.id}`;
    const rotated = await maria.http.post(`${path}/rotate`, { overlapSeconds: 3600 });
    const [old, fresh] = [made, rotated].map(({ body }) => new HttpClient(world.baseUrl, body.token));
    expect((await old?.get(users()))?.status).toBe(200);
    expect((await fresh?.get(users()))?.status).toBe(200);
    expect((await maria.http.get(path)).body.lastUsedAt).not.toBeNull();
    await maria.http.post(`${path}/rotate`, { overlapSeconds: 0 });
    expect((await fresh?.get(users()))?.status).toBe(401);
    expect((await maria.http.delete(path)).status).toBe(204);
    expect((await maria.http.post(`${path}/rotate`)).body.code).toBe('scim_token_over');
    expect((await maria.http.get(path)).body.status).toBe('revoked');
  });

  it('does nothing once the person it answers to may not, until somebody who may renews it', async () => {
    const second = await person(world, 'Second', [{ in: customerId, workspaceRole: 'owner' }]);
    const made = await directoryToken(second, customerId);
    const http = new HttpClient(world.baseUrl, made.body.token);
    expect((await http.get(users())).status).toBe(200);
    await second.http.delete(`/v1/organizations/${customerId}/members/${second.memberIds[customerId]}`);
    expect((await http.get(users())).status).toBe(401);
    expect((await maria.http.get(`${tokens()}/${made.body.id}`)).body.status).toBe('suspended');
    const rotated = await maria.http.post(`${tokens()}/${made.body.id}/rotate`);
    expect(rotated.body).toMatchObject({ status: 'active', responsible: { id: maria.accountId } });
    // Whoever left still knows the former token; the overlap is not for them.
    expect((await http.get(users())).status).toBe(401);
  });
});

describe('a person whom a directory names', () => {
  it('is invited, and a member by their own act alone', async () => {
    const email = address('ada');
    const created = await provision(email, {
      externalId: '00u1',
      displayName: 'Ada Lovelace',
      name: { givenName: 'Ada', familyName: 'Lovelace' },
      emails: [{ value: email, type: 'work', primary: true }],
    });
    expect(created.headers.get('location')).toBe(created.body.meta.location);
    expect(created.headers.get('etag')).toBe(created.body.meta.version);
    const members = await maria.http.get(`/v1/organizations/${customerId}/members?query=${email}`);
    expect(members.body.items).toEqual([]);
    const ada = await acceptInvite(world, email, 'Ada Lovelace', customerId);
    const member = await ada.http.get(`/v1/organizations/${customerId}/members/${ada.memberId}`);
    expect(member.body).toMatchObject({ kind: 'home', workspaceRole: 'restricted', administratorRoles: [] });
    const events = await eventsOf('scim-user.created');
    expect(events.at(-1)?.actor).toMatchObject({ kind: 'service', by: 'directory' });
  });

  it('is told apart by nothing from somebody who has an account elsewhere', async () => {
    const elsewhere = await person(world, 'Elsewhere', [{ in: strangersId }]);
    const [known, unknown] = [
      await okta.post(users(), { userName: elsewhere.email }),
      await okta.post(users(), { userName: address('nobody') }),
    ];
    const shape = ({ status, body }: Answer) => [status, Object.keys(body), body.active];
    expect(shape(known)).toEqual(shape(unknown));
    const me = await elsewhere.http.get('/v1/me');
    expect(me.body.memberships.map((one: { organization: { id: string } }) => one.organization.id)).toEqual([
      strangersId,
    ]);
    // Nor do they lose anything there when the directory lets them go.
    expect((await okta.delete(`${users()}/${known.body.id}`)).status).toBe(204);
    expect((await elsewhere.http.get('/v1/me')).status).toBe(200);
    expect((await invitesTo(elsewhere.email)).map(({ status }) => status)).toEqual(['cancelled']);
  });

  it('is named once: the same again is a conflict', async () => {
    const email = address('twice');
    await provision(email);
    const again = await okta.post(users(), { userName: email.toUpperCase() });
    expect(again).toMatchObject({ status: 409, body: { scimType: 'uniqueness', status: '409' } });
    expect(await invitesTo(email)).toHaveLength(1);
  });

  it('gets no role of the directory’s, whatever it sends', async () => {
    const body = { userName: address('climber'), roles: [{ value: 'full_administrator' }] };
    expect(await okta.post(users(), body)).toMatchObject({ status: 400, body: { scimType: 'invalidValue' } });
    const made = await provision(address('climber'));
    const patch = operations({ op: 'add', path: 'roles', value: [{ value: 'owner' }] });
    expect((await okta.patch(`${users()}/${made.body.id}`, patch)).status).toBe(400);
    const asOwner = await maria.http.post(tokens(), { name: 'Owners', workspaceRole: 'owner' });
    expect(asOwner.status).toBe(400);
  });

  it('of another directory is not there', async () => {
    const olga = await person(world, 'Other owner', [{ in: strangersId, workspaceRole: 'owner' }]);
    const made = await directoryToken(olga, strangersId);
    const theirs = new HttpClient(world.baseUrl, made.body.token);
    const foreign = await theirs.post(users(strangersId), { userName: address('foreign') });
    const path = `${users()}/${foreign.body.id}`;
    expect((await okta.get(path)).status).toBe(404);
    expect((await okta.put(path, { userName: 'x@directory.example' })).status).toBe(404);
    expect((await okta.patch(path, operations({ op: 'replace', value: { active: false } }))).status).toBe(404);
    expect((await okta.delete(path)).status).toBe(404);
    expect(
      (await okta.get(`${users()}?filter=${encodeURIComponent(`id eq "${foreign.body.id}"`)}`)).body.totalResults,
    ).toBe(0);
  });
});

describe('changing a person', () => {
  it('understands what Entra ID and Okta send', async () => {
    const email = address('entra');
    const { body } = await provision(email, { emails: [{ value: email, type: 'work', primary: true }] });
    const path = `${users()}/${body.id}`;
    const changed = await okta.patch(
      path,
      operations(
        { op: 'Add', path: 'name.givenName', value: 'Grace' },
        { op: 'Replace', path: 'displayName', value: 'Grace Hopper' },
        { op: 'replace', value: { 'name.familyName': 'Hopper', externalId: 'e-1' } },
        { op: 'Replace', path: 'emails[type eq "work"].value', value: `new-${email}` },
      ),
    );
    expect(changed).toMatchObject({
      status: 200,
      body: {
        displayName: 'Grace Hopper',
        externalId: 'e-1',
        name: { givenName: 'Grace', familyName: 'Hopper' },
        emails: [{ value: `new-${email}`, type: 'work', primary: true }],
      },
    });
    expect(changed.headers.get('etag')).not.toBe(body.meta.version);
    // The invite follows the address.
    expect((await invitesTo(email)).map(({ status }) => status)).toEqual(['cancelled']);
    expect((await invitesTo(`new-${email}`)).map(({ status }) => status)).toEqual(['pending']);
    const off = await okta.patch(path, operations({ op: 'Replace', path: 'active', value: 'False' }));
    expect(off.body.active).toBe(false);
    const gone = await okta.patch(path, operations({ op: 'remove', path: 'externalId' }));
    expect(gone.status).toBe(200);
    expect(gone.body).not.toHaveProperty('externalId');
    // Nobody comes back by what was left out.
    const without = await okta.patch(path, operations({ op: 'remove', path: 'active' }));
    expect(without).toMatchObject({ status: 200, body: { active: false } });
    expect((await okta.put(path, { userName: `new-${email}` })).body.active).toBe(false);
  });

  it('is refused where it was changed since, and changes nothing where nothing is new', async () => {
    const { body } = await provision(address('version'));
    const path = `${users()}/${body.id}`;
    const same = await okta.put(path, { userName: body.userName });
    expect(same.body.meta.version).toBe(body.meta.version);
    const put = await okta.put(
      path,
      { userName: body.userName, displayName: 'New' },
      { 'if-match': body.meta.version },
    );
    expect(put.status).toBe(200);
    const stale = await okta.put(path, { userName: body.userName }, { 'if-match': body.meta.version });
    expect(stale).toMatchObject({ status: 412, body: { status: '412' } });
  });

  it.each([
    ['a path that is none', { op: 'replace', path: '][', value: 'x' }],
    ['a way behind the object', { op: 'add', path: '__proto__.active', value: true }],
    ['no target', { op: 'remove' }],
    ['an unknown operation', { op: 'move', path: 'active' }],
    ['a value of another kind', { op: 'replace', path: 'active', value: 'perhaps' }],
    ['something deep', { op: 'add', path: 'name', value: JSON.parse('{"a":'.repeat(30) + '1' + '}'.repeat(30)) }],
  ])('refuses %s, in words', async (_, operation) => {
    const { body } = await provision(address('bad'));
    const answer = await okta.patch(`${users()}/${body.id}`, operations(operation));
    expect(answer).toMatchObject({ status: 400, body: { schemas: [expect.stringContaining('Error')], status: '400' } });
    expect(answer.body.detail).toBeTruthy();
  });
});

describe('looking for people', () => {
  const found = async (filter: string): Promise<Answer> => okta.get(`${users()}?filter=${encodeURIComponent(filter)}`);

  it('finds them by what the standard names', async () => {
    const email = address('needle');
    const { body } = await provision(email, {
      externalId: 'Case',
      displayName: "D'Arcy? \\ %",
      name: { familyName: 'Thompson' },
      emails: [{ value: email, type: 'work' }],
    });
    for (const filter of [
      `userName eq "${email.toUpperCase()}"`,
      `USERNAME eq "${email}" and active eq true`,
      `emails[type eq "work" and value eq "${email}"]`,
      `emails.value sw "${email}"`,
      `userName ew "${email.slice(1)}"`,
      `name.familyName co "homps" and userName eq "${email}"`,
      `userName eq "${email}" and not (displayName co "nobody")`,
      `${userSchema}:userName eq "${email}" and externalId pr`,
      `userName eq "${email}" and meta.created gt "2020-01-01T00:00:00Z"`,
    ]) {
      expect([filter, (await found(filter)).body.Resources?.map(({ id }: { id: string }) => id)]).toEqual([
        filter,
        [body.id],
      ]);
    }
    expect((await found('externalId eq "case"')).body.totalResults).toBe(0);
    expect((await found('externalId eq "Case"')).body.totalResults).toBe(1);
    const few = await okta.get(`${users()}?attributes=userName&filter=${encodeURIComponent(`id eq "${body.id}"`)}`);
    expect(Object.keys(few.body.Resources[0]).toSorted()).toEqual(['id', 'schemas', 'userName']);
    const less = await okta.get(`${users()}/${body.id}?excludedAttributes=emails,name.familyName`);
    expect(less.body).not.toHaveProperty('emails');
  });

  it.each([
    ['no filter', 'userName eq'],
    ['an attribute that is none', 'password eq "x"'],
    ['a filter that is too long', `userName eq "${'x'.repeat(1000)}"`],
    ['a filter of too many parts', Array.from({ length: 60 }, () => 'active pr').join(' or ')],
    ['brackets without an end', '('.repeat(400)],
    ['SQL', `userName eq "x" or 1=1 --`],
  ])('refuses %s', async (_, filter) => {
    expect(await found(filter)).toMatchObject({ status: 400, body: { scimType: 'invalidFilter' } });
  });

  it('counts from one, in pages', async () => {
    const all = await okta.get(`${users()}?count=0`);
    expect(all.body).toMatchObject({ itemsPerPage: 0, Resources: [], startIndex: 1 });
    const page = await okta.get(`${users()}?startIndex=2&count=2`);
    expect(page.body).toMatchObject({ itemsPerPage: 2, startIndex: 2, totalResults: all.body.totalResults });
    expect((await okta.get(`${users()}?count=ten`)).status).toBe(400);
    const searched = await okta.post(`${users()}/.search`, { startIndex: 2, count: 2, attributes: ['userName'] });
    expect(searched).toMatchObject({ status: 200, body: { itemsPerPage: 2, startIndex: 2 } });
    expect((await okta.delete(users())).status).toBe(405);
  });
});

describe('letting somebody go', () => {
  it('ends membership, session, grant and open request at once, and coming back is a new invite', async () => {
    // The directory of the partner, whose agent holds a grant at one customer and asks another.
    const made = await directoryToken(partnersAdmin, partnerId, { workspaceRole: 'full_access' });
    const directory = new HttpClient(world.baseUrl, made.body.token);
    const created = await directory.post(users(partnerId), { userName: agent.email, displayName: 'Agent' });
    expect(created.status).toBe(201);
    // A member stays as they are: nobody is invited twice.
    expect(await invitesTo(agent.email)).toEqual([]);
    const granted = await agent.http.post('/v1/elevations', { customerId, reason: 'Calls drop' });
    expect((await maria.http.post(`/v1/elevations/${granted.body.id}/approve`)).status).toBe(200);
    const strangersAdmin = await person(world, 'Sven', [{ in: strangersId, roles: ['full_administrator'] }]);
    const open = await agent.http.post('/v1/elevations', { customerId: strangersId, reason: 'Calls drop' });
    expect(open.status).toBe(201);

    const off = await directory.patch(
      `${users(partnerId)}/${created.body.id}`,
      operations({ op: 'replace', value: { active: false } }),
    );
    expect(off).toMatchObject({ status: 200, body: { active: false } });
    const grants = await maria.http.get('/v1/grants');
    expect(grants.body.items.filter(({ status }: { status: string }) => status === 'active')).toEqual([]);
    expect((await strangersAdmin.http.get(`/v1/elevations/${open.body.id}`)).body.status).not.toBe('pending');
    expect((await agent.http.get('/v1/me')).body.memberships).toEqual([]);
    const [removed] = (await eventsOf('membership.removed')).slice(-1);
    expect(removed?.actor).toMatchObject({ kind: 'service', id: made.body.id, by: 'directory' });

    const on = await directory.patch(
      `${users(partnerId)}/${created.body.id}`,
      operations({ op: 'replace', path: 'active', value: true }),
    );
    expect(on.body.active).toBe(true);
    expect((await agent.http.get('/v1/me')).body.memberships).toEqual([]);
    expect((await invitesTo(agent.email)).map(({ status }) => status)).toEqual(['pending']);
  });

  it('never takes an Owner, nor the last full administrator', async () => {
    const sole = await person(world, 'Sole', [
      { in: strangersId, roles: ['full_administrator'], workspaceRole: 'full_access' },
    ]);
    const owner = await provision(maria.email);
    const answer = await okta.delete(`${users()}/${owner.body.id}`);
    expect(answer.status).toBe(409);
    expect(answer.body.detail).toMatch(/last Owner/);
    expect((await okta.get(`${users()}/${owner.body.id}`)).body.active).toBe(true);
    const off = operations({ op: 'replace', path: 'active', value: false });
    expect((await okta.patch(`${users()}/${owner.body.id}`, off)).status).toBe(409);
    expect((await maria.http.get('/v1/me')).body.memberships).toHaveLength(1);
    expect((await sole.http.get('/v1/me')).status).toBe(200);
    const refused = (await eventsOf('membership.removed')).filter(({ outcome }) => outcome === 'refused');
    expect(refused.at(-1)?.facts).toMatchObject({ code: 'last_owner' });
  });

  it('leaves an external administrator to the approval', async () => {
    const external = await person(world, 'Outside', [
      { in: customerId, roles: ['read_only_administrator'], kind: 'external' },
      { in: partnerId },
    ]);
    const { body } = await provision(external.email);
    expect(await invitesTo(external.email)).toEqual([]);
    expect((await okta.delete(`${users()}/${body.id}`)).status).toBe(204);
    expect((await external.http.get('/v1/me')).body.memberships).toHaveLength(2);
  });

  it('signs them out, and a member removed by a person reads as inactive', async () => {
    const email = address('leaver');
    const { body } = await provision(email);
    const leaver = await acceptInvite(world, email, 'Leaver', customerId);
    await maria.http.delete(`/v1/organizations/${customerId}/members/${leaver.memberId}`);
    expect((await okta.get(`${users()}/${body.id}`)).body.active).toBe(false);
    expect((await okta.delete(`${users()}/${body.id}`)).status).toBe(204);
    expect((await okta.get(`${users()}/${body.id}`)).status).toBe(404);
    expect((await (await signIn(world, email)).get('/v1/me')).body.memberships).toEqual([]);
  });

  it.each(Array.from({ length: 4 }, (_, round) => round))(
    'or being approved by them: one of both comes first (round %i)',
    async () => {
      const approver = await person(world, 'Approver', [{ in: customerId, roles: ['full_administrator'] }]);
      const asker = await person(world, 'Asker', [{ in: partnerId, roles: ['help_desk_advanced'] }]);
      const { body: user } = await provision(approver.email);
      const request = await asker.http.post('/v1/elevations', { customerId, reason: 'Calls drop' });
      const [gone, approved] = await Promise.all([
        okta.delete(`${users()}/${user.id}`),
        approver.http.post(`/v1/elevations/${request.body.id}/approve`),
      ]);
      expect(gone.status).toBe(204);
      const events = await world.database.transaction(asSystem, (em) =>
        em.find(AuditEvent, {
          $or: [
            { action: 'elevation.approved', subjectId: request.body.id, outcome: 'success' },
            { action: 'membership.removed', subjectId: approver.memberIds[customerId] },
          ],
        }),
      );
      const order = events
        .toSorted((one, other) => Number(one.recordedOrder) - Number(other.recordedOrder))
        .map(({ action }) => action);
      const wasApproved = approved.status === 200;
      expect(order).toEqual(wasApproved ? ['elevation.approved', 'membership.removed'] : ['membership.removed']);
    },
  );
});

describe('what the service says of itself', () => {
  it('is what it does', async () => {
    const base = `/scim/v2/${customerId}`;
    expect((await okta.get(`${base}/ServiceProviderConfig`)).body).toMatchObject({
      patch: { supported: true },
      filter: { supported: true },
      bulk: { supported: false },
    });
    const types = await okta.get(`${base}/ResourceTypes`);
    expect(types.body.Resources.map(({ id }: { id: string }) => id)).toContain('User');
    expect((await okta.get(`${base}/Schemas/${userSchema}`)).body.id).toBe(userSchema);
    const answer = await okta.request('POST', `${base}/Users`, '{', { 'content-type': 'application/scim+json' });
    expect(answer).toMatchObject({ status: 400, body: { schemas: [expect.stringContaining('Error')] } });
  });
});
