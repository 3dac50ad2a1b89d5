import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { workflowId } from '#contracts';
import { Address, asSystem, Invite, Organization } from '#persistence';
import { countersign } from '../support/cli.ts';
import { HttpClient, type Answer } from '../support/http-client.ts';
import {
  acceptInvite,
  addMember,
  createCustomer,
  createPartner,
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
let elsewhere: Person;
let counter = 0;
const someAddress = () => `invited-${(counter += 1)}@people.example`;

beforeAll(async () => {
  world = await createWorld();
  partner = await createPartner(world);
  customer = await createCustomer(world, partner);
  const other = await createCustomer(world, partner, 'Elsewhere');
  elsewhere = other.first;
}, 120_000);

afterAll(() => world?.stop());

const invitesOf = (organization: OrganizationWithFirst) => `/v1/organizations/${organization.id}/invites`;

const invite = (email: string, more: Record<string, unknown> = {}, by = customer.first): Promise<Answer> =>
  by.http.post(invitesOf(customer), { email, workspaceRole: 'read_only', ...more });

/** Waits until it is so, at most ten seconds, then says what it was instead. */
async function eventually<T>(look: () => Promise<T>, isSo: (value: T) => boolean): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    const value = await look();
    if (isSo(value)) return value;
    if (attempt === 100) throw new Error(`It stayed ${JSON.stringify(value)}`);
    await sleep(100);
  }
}

const read = async (id: string, organization = customer) =>
  (await organization.first.http.get(`${invitesOf(organization)}/${id}`)).body;

const mailsTo = (email: string) => world.mail.mails().filter(({ to }) => to.includes(email.toLowerCase()));

/** The link of the latest mail of that kind. */
function linkTo(email: string, kind = 'invite.sign-up'): string {
  const mail = mailsTo(email).findLast((one) => one.kind === kind);
  const token = /\/invites\/(cs_invite_[\w-]+)/.exec(mail?.text ?? '')?.[1];
  if (!token) throw new Error(`No link to ${email}`);
  return token;
}

async function mailedLink(email: string, kind = 'invite.sign-up'): Promise<string> {
  await world.mail.waitForMail({ to: email, kind }, 15_000);
  return linkTo(email, kind);
}

const accept = (token: string, by: HttpClient = world.visitor) =>
  by.post('/v1/invites/accept', {
    token,
    ...(by.token === null && { username: `user-${(counter += 1)}`, password: testPassword }),
  });

describe('the mails of an invite', () => {
  const singleSignOn = { issuer: 'https://idp.example', clientId: 'countersign', clientSecret: 'secret' };

  it.each([
    { loginMethods: ['sso'], known: false, mails: ['invite.activation', 'invite.welcome'] },
    { loginMethods: ['sso'], known: true, mails: ['invite.welcome'] },
    { loginMethods: ['password'], known: false, mails: ['invite.sign-up'] },
    { loginMethods: ['password'], known: true, mails: ['invite.welcome'] },
    {
      loginMethods: ['sso', 'password'],
      known: false,
      mails: ['invite.activation', 'invite.sign-up', 'invite.welcome'],
    },
    { loginMethods: ['sso', 'password'], known: true, mails: ['invite.welcome'] },
  ])('are $mails where $loginMethods is allowed and the address is known: $known', async ({ mails, ...of }) => {
    const email = of.known ? (await addMember(world, customer)).email : someAddress();
    const before = mailsTo(email).length;
    const slug = `mails-${(counter += 1)}`;
    const created = await partner.first.http.post(`/v1/organizations/${partner.id}/customers`, {
      name: slug,
      slug,
      loginMethods: of.loginMethods,
      ...(of.loginMethods.includes('sso') && {
        sso: { ...singleSignOn, activationUrl: 'https://idp.example/activate' },
      }),
      firstAdministrator: { email, displayName: 'Ada Lovelace' },
    });
    const sent = await eventually(
      async () =>
        (await world.support.get(`/v1/organizations/${created.body.id}/invites/${created.body.firstInvite.id}`)).body,
      (view) =>
        view.mails.length === mails.length && view.mails.every((mail: { status: string }) => mail.status === 'sent'),
    );
    expect(sent.mails.map((mail: { kind: string }) => mail.kind).toSorted()).toEqual(mails);
    const caught = mailsTo(email).slice(before);
    expect(caught.map(({ kind }) => kind).toSorted()).toEqual(mails);

    const leadsTo: Record<string, string> = {
      'invite.activation': 'https://idp.example/activate',
      'invite.welcome': of.loginMethods.includes('password') ? '/invites/cs_invite_' : `/sso/${slug}/start`,
      'invite.sign-up': '/invites/cs_invite_',
    };
    for (const { kind, text } of caught) expect(text).toContain(leadsTo[kind]);
  });
});

describe('an invite', () => {
  it('is one while it is open, in any case and by any alias', async () => {
    const email = someAddress();
    const first = await invite(email);
    expect(first).toMatchObject({ status: 201, body: { status: 'pending', email } });
    expect(first.headers.get('location')).toBe(`${invitesOf(customer)}/${first.body.id}`);
    const again = await invite(email.toUpperCase());
    expect(again).toMatchObject({ status: 200, body: { id: first.body.id, workspaceRole: 'read_only' } });
    expect(await invite(email, { workspaceRole: 'limited_access' })).toMatchObject({
      status: 409,
      body: { code: 'invite_open', state: { inviteId: first.body.id, status: 'pending', workspaceRole: 'read_only' } },
    });

    const alias = someAddress();
    await world.database.transaction(asSystem, async (em) => {
      em.create(Address, { address: alias, accountId: elsewhere.accountId, kind: 'alias', verifiedAt: new Date() });
    });
    const byAlias = await invite(alias);
    const byPrimary = await invite(elsewhere.email);
    expect([byAlias.status, byPrimary.status]).toEqual([201, 200]);
    expect(byPrimary.body.id).toBe(byAlias.body.id);
    expect((await customer.first.http.post(`${invitesOf(customer)}/${byAlias.body.id}/cancel`)).status).toBe(200);
  });

  it('is one, too, when many ask at the same moment', async () => {
    const email = someAddress();
    const answers = await Promise.all(Array.from({ length: 8 }, () => invite(email)));
    const ids = new Set(answers.filter(({ status }) => status < 300).map(({ body }) => body.id));
    expect(ids.size).toBe(1);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(7);
  });

  it('gets a new link by resending, which voids the old one', async () => {
    const email = someAddress();
    const { body, headers } = await invite(email);
    const old = await mailedLink(email);
    const stale = await customer.first.http.post(`${invitesOf(customer)}/${body.id}/resend`, undefined, {
      'if-match': '"something-else"',
    });
    expect(stale).toMatchObject({ status: 412, body: { code: 'version_mismatch' } });
    expect(headers.get('etag')).toMatch(/^".+"$/);

    const resent = await customer.first.http.post(`${invitesOf(customer)}/${body.id}/resend`, undefined, {
      'if-match': (await customer.first.http.get(`${invitesOf(customer)}/${body.id}`)).headers.get('etag') ?? '',
    });
    expect(resent).toMatchObject({ status: 200, body: { status: 'pending' } });
    expect(Date.parse(resent.body.expiresAt)).toBeGreaterThan(Date.parse(body.expiresAt));
    await eventually(
      () => Promise.resolve(mailsTo(email).length),
      (count) => count === 2,
    );
    expect(await accept(old)).toMatchObject({ status: 410, body: { code: 'invite_link_void' } });
    const accepted = await accept(linkTo(email));
    expect(accepted.status).toBe(200);
    expect(await accept(linkTo(email))).toMatchObject({ status: 410, body: { code: 'invite_link_used' } });
    expect(await customer.first.http.post(`${invitesOf(customer)}/${body.id}/resend`)).toMatchObject({
      status: 409,
      body: { code: 'invite_not_pending', state: { status: 'accepted' } },
    });
  });

  it('ends with its workflow when it is cancelled', async () => {
    const email = someAddress();
    const { body } = await invite(email);
    const link = await mailedLink(email);
    const cancel = () => customer.first.http.post(`${invitesOf(customer)}/${body.id}/cancel`);
    expect(await cancel()).toMatchObject({ status: 200, body: { status: 'cancelled' } });
    expect((await cancel()).status).toBe(200);
    expect(await accept(link)).toMatchObject({ status: 410, body: { code: 'invite_link_cancelled' } });
    const { client } = world.temporal;
    const ended = await eventually(
      async () => (await client.workflow.getHandle(workflowId('invite', body.id)).describe()).status.name,
      (status) => status === 'COMPLETED',
    );
    expect(ended).toBe('COMPLETED');
  });

  it('reminds halfway, expires, and leaves room for another one', async () => {
    const short = await createCustomer(world, partner, 'Short');
    const policy = { invitePendingSeconds: 6 };
    expect((await short.first.http.patch(`/v1/organizations/${short.id}`, { policy })).status).toBe(200);
    const email = someAddress();
    const asked = await short.first.http.post(invitesOf(short), { email, workspaceRole: 'read_only' });
    const link = await mailedLink(email);
    await world.mail.waitForMail({ to: email, kind: 'invite.reminder' }, 10_000);
    await eventually(
      () => read(asked.body.id, short),
      (view) => view.status === 'expired',
    );
    expect(await accept(link)).toMatchObject({ status: 410, body: { code: 'invite_link_expired' } });
    expect(await short.first.http.post(`${invitesOf(short)}/${asked.body.id}/cancel`)).toMatchObject({
      status: 409,
      body: { state: { status: 'expired' } },
    });
    const another = await short.first.http.post(invitesOf(short), { email, workspaceRole: 'read_only' });
    expect(another.status).toBe(201);
    expect(another.body.id).not.toBe(asked.body.id);
  });

  it('is void when the login methods change, and what is right now is sent', async () => {
    const changing = await createCustomer(world, partner, 'Changing');
    const email = someAddress();
    const asked = await changing.first.http.post(invitesOf(changing), { email, workspaceRole: 'read_only' });
    const old = await mailedLink(email);
    const loginMethods = ['password', 'sso'];
    expect((await changing.first.http.patch(`/v1/organizations/${changing.id}`, { loginMethods })).status).toBe(200);
    await world.mail.waitForMail({ to: email, kind: 'invite.activation' }, 15_000);
    await world.mail.waitForMail({ to: email, kind: 'invite.welcome' }, 15_000);
    await eventually(
      () => Promise.resolve(mailsTo(email).filter(({ kind }) => kind === 'invite.sign-up').length),
      (count) => count === 2,
    );
    expect(await accept(old)).toMatchObject({ status: 410, body: { code: 'invite_link_void' } });

    // Acceptance is judged by the methods of that moment, whatever the mail said.
    const allow = (methods: string[]) =>
      world.database.transaction(asSystem, (em) =>
        em.nativeUpdate(Organization, { id: changing.id }, { loginMethods: methods as ('sso' | 'password')[] }),
      );
    await allow(['sso']);
    expect(await accept(linkTo(email))).toMatchObject({ status: 403, body: { code: 'login_method_not_allowed' } });
    await allow(['password']);
    expect((await accept(linkTo(email))).status).toBe(200);
    expect((await read(asked.body.id, changing)).status).toBe('accepted');
  });

  it('needs its inviter to have the right at acceptance, too', async () => {
    const inviter = await addMember(world, customer, { workspaceRole: 'full_access' });
    const email = someAddress();
    const asked = await invite(email, { workspaceRole: 'limited_access' }, inviter);
    const link = await mailedLink(email);
    const member = `/v1/organizations/${customer.id}/members/${inviter.memberId}`;
    expect((await customer.first.http.patch(member, { workspaceRole: 'read_only' })).status).toBe(200);
    expect(await accept(link)).toMatchObject({ status: 403, body: { code: 'inviter_not_entitled' } });
    const trail = await customer.first.http.get(
      `/v1/organizations/${customer.id}/audit-events?outcome=refused&subjectId=${asked.body.id}`,
    );
    expect(trail.body.items).toMatchObject([{ action: 'invite.accepted', facts: { code: 'may_not_invite_users' } }]);

    // Somebody who could have invited resends it and stands behind it from then on.
    await customer.first.http.post(`${invitesOf(customer)}/${asked.body.id}/resend`);
    await eventually(
      () => Promise.resolve(mailsTo(email).length),
      (count) => count === 2,
    );
    expect((await accept(linkTo(email))).status).toBe(200);
  });

  it('is renewed by whoever invites the same person again, once its inviter has left', async () => {
    const inviter = await addMember(world, customer, { workspaceRole: 'full_access' });
    const email = someAddress();
    const asked = await invite(email, { workspaceRole: 'limited_access' }, inviter);
    const dead = await mailedLink(email);
    const again = () => invite(email, { workspaceRole: 'limited_access' }, customer.first);
    // While the first inviter may, it stays as it is, with the link that is in the mailbox.
    expect((await again()).body.id).toBe(asked.body.id);
    expect((await read(asked.body.id)).invitedBy.id).toBe(inviter.accountId);
    const left = await customer.first.http.delete(`/v1/organizations/${customer.id}/members/${inviter.memberId}`);
    expect(left.status).toBe(204);
    expect((await again()).body.id).toBe(asked.body.id);
    await eventually(
      () => Promise.resolve(mailsTo(email).length),
      (count) => count === 2,
    );
    expect(await accept(dead)).toMatchObject({ status: 410, body: { code: 'invite_link_void' } });
    expect((await accept(linkTo(email))).status).toBe(200);
  });

  it('is accepted by an existing account with the token alone, if it is the invited one', async () => {
    const known = await addMember(world, partner);
    const asked = await invite(known.email);
    const link = await mailedLink(known.email, 'invite.welcome');
    expect(await accept(link)).toMatchObject({ status: 409, body: { code: 'account_exists' } });
    expect(await accept(link, elsewhere.http)).toMatchObject({ status: 403, body: { code: 'address_mismatch' } });
    const accepted = await accept(link, known.http);
    expect(accepted).toMatchObject({ status: 200, body: { accountId: known.accountId, inviteId: asked.body.id } });
    expect(await invite(known.email)).toMatchObject({
      status: 409,
      body: { code: 'already_member', state: { memberId: accepted.body.memberId } },
    });
  });

  it('is sent again and withdrawn only by whoever could make it', async () => {
    const full = await addMember(world, partner, { workspaceRole: 'full_access' });
    const make = (more: object) =>
      partner.first.http.post(invitesOf(partner), { email: someAddress(), workspaceRole: 'read_only', ...more });
    const owner = await make({ workspaceRole: 'owner' });
    const both = await make({ administratorRoles: ['device_administrator'] });
    const plain = await make({});
    for (const verb of ['resend', 'cancel']) {
      const by = (id: string) => full.http.post(`${invitesOf(partner)}/${id}/${verb}`);
      expect(await by(owner.body.id)).toMatchObject({ status: 403, body: { code: 'may_not_give_owner' } });
      expect(await by(both.body.id)).toMatchObject({
        status: 403,
        body: { code: 'may_not_assign_administrator_roles' },
      });
      expect((await by(plain.body.id)).status).toBe(200);
      const trail = await partner.first.http.get(
        `/v1/organizations/${partner.id}/audit-events?outcome=refused&subjectId=${owner.body.id}`,
      );
      expect(trail.body.items[0]).toMatchObject({ action: `invite.${verb === 'cancel' ? 'cancelled' : 'resent'}` });
    }
    expect((await partner.first.http.post(`${invitesOf(partner)}/${owner.body.id}/cancel`)).status).toBe(200);
  });

  it('is read by whoever reads the people', async () => {
    const { body } = await invite(someAddress());
    const readers = [
      await addMember(world, customer, { workspaceRole: 'read_only' }),
      await addMember(world, customer, { workspaceRole: 'limited_access' }),
      await addMember(world, partner, {
        workspaceRole: 'restricted',
        administratorRoles: ['partner_read_only_administrator'],
      }),
    ];
    for (const { http } of readers) {
      expect((await http.get(invitesOf(customer))).status).toBe(200);
      expect((await http.get(`${invitesOf(customer)}/${body.id}`)).status).toBe(200);
    }
    const restricted = await addMember(world, customer, { workspaceRole: 'restricted' });
    expect((await restricted.http.get(invitesOf(customer))).status).toBe(403);
  });

  it('greets by name, and says whose service it comes from', async () => {
    const made = await customer.first.http.post(`/v1/organizations/${customer.id}/api-keys`, {
      name: 'Onboarding',
      workspaceRole: 'full_access',
      scopes: ['invites:write'],
    });
    const email = someAddress();
    const service = new HttpClient(world.baseUrl, made.body.token);
    const asked = await service.post(invitesOf(customer), {
      email,
      displayName: 'Grace Hopper',
      workspaceRole: 'read_only',
    });
    expect(asked.status).toBe(201);
    const { text } = await world.mail.waitForMail({ to: email, kind: 'invite.sign-up' }, 15_000);
    expect(text).toContain('Hello Grace Hopper,');
    const { name } = (await customer.first.http.get(`/v1/organizations/${customer.id}`)).body;
    expect(text).toContain(`Invited by: ${name}`);
  });

  it('closes when the person has become a member in the meantime', async () => {
    const known = await addMember(world, partner);
    const email = someAddress();
    const early = await invite(email);
    await mailedLink(email);
    await world.database.transaction(asSystem, async (em) => {
      em.create(Address, { address: email, accountId: known.accountId, kind: 'alias', verifiedAt: new Date() });
    });
    // By its key the first invite is not the account's, so it stays open beside the second.
    const open = await invite(known.email);
    expect(open).toMatchObject({ status: 200, body: { id: early.body.id } });
    await world.database.transaction(asSystem, (em) =>
      em.nativeUpdate(Invite, { id: early.body.id }, { personKey: `moved-away-${email}` }),
    );
    await invite(known.email);
    expect((await accept(await mailedLink(known.email, 'invite.welcome'), known.http)).status).toBe(200);
    expect(await accept(linkTo(email), known.http)).toMatchObject({ status: 409, body: { code: 'already_member' } });
    expect((await read(early.body.id)).status).toBe('cancelled');
  });

  it('makes one member of a hundred who use its link at once', async () => {
    const email = someAddress();
    const { body } = await invite(email);
    const link = await mailedLink(email);
    const answers = await Promise.all(Array.from({ length: 100 }, () => accept(link)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(new Set(answers.filter(({ status }) => status !== 200).map((answer) => answer.body.code))).toEqual(
      new Set(['invite_link_used']),
    );
    const members = await customer.first.http.get(`/v1/organizations/${customer.id}/members?query=${email}`);
    expect(members.body.items).toHaveLength(1);
    expect((await read(body.id)).status).toBe('accepted');
  }, 30_000);

  it('names what a scope is limited to', async () => {
    const scope = { kind: 'groups', groupIds: [customer.id], teamIds: [] };
    expect(await invite(someAddress(), { scope })).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(await invite(someAddress(), { scope, workspaceRole: 'owner' })).toMatchObject({
      status: 400,
      body: { code: 'owner_needs_client_scope' },
    });
  });
});

describe('the first invite of an organization', () => {
  it('is sent again by support while nobody has come in, to a corrected address, too', async () => {
    const slug = `first-${(counter += 1)}`;
    const email = someAddress();
    const created = await world.support.post('/v1/organizations', {
      kind: 'customer',
      name: slug,
      slug,
      loginMethods: ['password'],
      firstAdministrator: { email, displayName: 'Ada' },
    });
    const invites = `/v1/organizations/${created.body.id}/invites`;
    await mailedLink(email);
    expect(await world.support.post(`${invites}/${created.body.firstInvite.id}/resend`)).toMatchObject({ status: 200 });
    expect(await world.support.post(`${invites}/${created.body.firstInvite.id}/cancel`)).toMatchObject({ status: 200 });

    const corrected = someAddress();
    expect(await world.support.post(invites, { email: corrected, workspaceRole: 'read_only' })).toMatchObject({
      status: 403,
      body: { code: 'role_not_available' },
    });
    expect(await world.support.post(invites, { email: corrected })).toMatchObject({
      status: 201,
      body: { workspaceRole: 'owner', administratorRoles: ['full_administrator'], invitedBy: null },
    });
    await acceptInvite(world, corrected, 'Ada', created.body.id);
    // There is somebody now: inviting is theirs.
    expect((await world.support.post(invites, { email: someAddress() })).status).toBe(400);
    expect((await world.support.post(invites, { email: someAddress(), workspaceRole: 'owner' })).status).toBe(403);
  });

  it('is sent again by a named member of the support team, whom the bootstrap token took in', async () => {
    const organizations = await world.support.get('/v1/organizations?query=platform');
    const platform = organizations.body.items.find(({ kind }: { kind: string }) => kind === 'platform');
    const email = someAddress();
    const invited = await world.support.post(`/v1/organizations/${platform.id}/invites`, {
      email,
      workspaceRole: 'full_access',
    });
    expect(invited.status).toBe(201);
    const supporter = await acceptInvite(world, email, 'Sam Support', platform.id);
    await showSecondFactor(world, email);
    const slug = `named-${(counter += 1)}`;
    const created = await supporter.http.post('/v1/organizations', {
      kind: 'customer',
      name: slug,
      slug,
      loginMethods: ['password'],
      firstAdministrator: { email: someAddress(), displayName: 'Ada' },
    });
    expect(created.status).toBe(201);
    const resend = `/v1/organizations/${created.body.id}/invites/${created.body.firstInvite.id}/resend`;
    expect((await supporter.http.post(resend)).status).toBe(200);
    expect((await elsewhere.http.post(resend)).status).toBe(404);
    expect((await supporter.http.post(invitesOf(customer), { email, workspaceRole: 'read_only' })).status).toBe(403);
  });
});

describe('a mail server in trouble', () => {
  it('refuses for now: the mail is tried again, and there is one', async () => {
    const email = someAddress();
    world.mail.failNext(1, 'reject-4xx', email);
    const { body } = await invite(email);
    await mailedLink(email);
    expect(mailsTo(email)).toHaveLength(1);
    const view = await eventually(
      () => read(body.id),
      ({ mails }) => mails[0]?.status === 'sent',
    );
    expect(view.status).toBe('pending');
  });

  it('hangs up after taking it: the same mail comes twice, the invite stays one', async () => {
    const email = someAddress();
    world.mail.failNext(1, 'drop-after-data', email);
    await invite(email);
    await eventually(
      () => Promise.resolve(mailsTo(email).length),
      (count) => count === 2,
    );
    const [first, second] = mailsTo(email);
    expect(second?.messageId).toBe(first?.messageId);
    expect(second?.text).toBe(first?.text);
    const open = await customer.first.http.get(`${invitesOf(customer)}?query=${email}`);
    expect(open.body.items).toHaveLength(1);
    expect((await accept(linkTo(email))).status).toBe(200);
  });

  it('refuses for good: the invite has failed, its inviter is told, and resending repairs it', async () => {
    const inviter = await addMember(world, customer, { workspaceRole: 'full_access' });
    const email = someAddress();
    world.mail.failNext(1, 'reject-5xx', email);
    const { body } = await invite(email, {}, inviter);
    const told = await world.mail.waitForMail({ to: inviter.email, kind: 'invite.failed' }, 15_000);
    expect(told.text).toContain(email);
    const failed = await customer.first.http.get(`${invitesOf(customer)}?status=failed`);
    expect(failed.body.items).toMatchObject([{ id: body.id, status: 'failed', failure: 'undeliverable' }]);
    expect(failed.body.items[0].mails).toContainEqual({ kind: 'invite.sign-up', status: 'undeliverable' });
    expect(await inviter.http.post(`${invitesOf(customer)}/${body.id}/resend`)).toMatchObject({
      status: 200,
      body: { status: 'pending', failure: null },
    });
    expect((await accept(await mailedLink(email))).status).toBe(200);
  });
});

describe('a bulk invite', () => {
  const batch = (body: unknown, headers: Record<string, string> = {}) =>
    customer.first.http.post(`${invitesOf(customer)}/batch`, body, headers);
  const finished = (location: string) =>
    eventually(
      async () => (await customer.first.http.get(location)).body,
      ({ status }) => status === 'finished',
    );

  it('invites the good rows, names the bad ones, and nobody twice', async () => {
    const [one, two] = [someAddress(), someAddress()];
    const file = [
      '\uFEFFEmail,displayName,workspaceRole,administratorRoles',
      `${one},"Hopper, Grace",full_access,`,
      'not-an-address,Nobody,read_only,',
      `${two},Alan,read_only,`,
      `${someAddress()},Olga,emperor,`,
      `${someAddress()},Rosa,,help_desk_basic;device_administrator`,
      `${one.toUpperCase()},Grace again,read_only,`,
      `${elsewhere.email.toUpperCase()},Known elsewhere,read_only,`,
      `${customer.first.email},Member,read_only,`,
    ].join('\r\n');
    const headers = { 'content-type': 'text/csv; charset=utf-8' };
    const sent = await batch(file, headers);
    expect(sent).toMatchObject({ status: 202, body: { total: 8, failed: 2, status: 'running' } });
    expect(sent.body.rows.map(({ row, line }: { row: number; line: number }) => [row, line])).toEqual([
      [2, 3],
      [4, 5],
    ]);
    const view = await finished(sent.headers.get('location') ?? '');
    expect(view).toMatchObject({ total: 8, done: 8, invited: 3, alreadyInvited: 0, members: 1, failed: 4 });
    expect(view.rows).toMatchObject([
      { row: 2, email: 'not-an-address', code: 'invalid_request' },
      { row: 4, code: 'invalid_request' },
      { row: 5, code: 'partner_role_outside_partner' },
      { row: 6, code: 'invite_open' },
    ]);
    await mailedLink(one);

    const again = await finished((await batch(file, headers)).headers.get('location') ?? '');
    expect(again).toMatchObject({ invited: 0, alreadyInvited: 3, members: 1, failed: 4 });
  });

  it('judges the right of the inviter row by row', async () => {
    const inviter = await addMember(world, customer, { workspaceRole: 'full_access' });
    const sent = await inviter.http.post(`${invitesOf(customer)}/batch`, {
      invites: [
        { email: someAddress(), workspaceRole: 'owner' },
        { email: someAddress(), workspaceRole: 'read_only' },
        'nonsense',
      ],
    });
    const view = await finished(sent.headers.get('location') ?? '');
    expect(view).toMatchObject({ invited: 1, failed: 2 });
    expect(view.rows).toMatchObject([
      { row: 1, code: 'may_not_give_owner' },
      { row: 3, email: null, code: 'invalid_request' },
    ]);
    const reader = await addMember(world, customer, { workspaceRole: 'read_only' });
    const refused = await reader.http.post(`${invitesOf(customer)}/batch`, { invites: [{}] });
    expect(refused).toMatchObject({ status: 403, body: { code: 'may_not_invite_users' } });
    expect((await reader.http.get(sent.headers.get('location') ?? '')).status).toBe(403);
    expect((await elsewhere.http.get(sent.headers.get('location') ?? '')).status).toBe(404);
  });

  it('refuses what is no list of invites', async () => {
    const csv = { 'content-type': 'text/csv' };
    expect(await batch({ invites: [] })).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(await batch({ invites: Array.from({ length: 5_001 }, () => ({})) })).toMatchObject({ status: 400 });
    expect(await batch('name\nAda', csv)).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(await batch('email\n"ada', csv)).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(await batch('x'.repeat(3_000_000), csv)).toMatchObject({ status: 413, body: { code: 'body_too_large' } });
    expect(await batch('<xml/>', { 'content-type': 'application/xml' })).toMatchObject({ status: 415 });
  });

  it('accounts for every row of a file, whatever is in it', async () => {
    const csv = { 'content-type': 'text/csv' };
    const good = someAddress();
    const sent = await batch(
      [
        'email,displayName,workspaceRole',
        `${someAddress()},Hopper, Grace,read_only,and more`,
        `nul\0${someAddress()},Nul,read_only`,
        `${good},Ada,read_only,`,
        '',
        ',Nobody,read_only',
      ].join('\n'),
      csv,
    );
    expect(sent).toMatchObject({ status: 202, body: { total: 4, failed: 3 } });
    expect(sent.body.rows).toMatchObject([
      { row: 1, line: 2, message: 'The row has 2 more cells than the file has columns: is a comma not quoted?' },
      { row: 2, line: 3, email: expect.stringContaining('nul\uFFFD') },
      { row: 4, line: 6 },
    ]);
    expect(await finished(sent.headers.get('location') ?? '')).toMatchObject({ done: 4, invited: 1, failed: 3 });
    const json = await batch({ invites: [{ email: 'half\uD83D', '\0': 1 }, 'nul\0'] });
    expect(json).toMatchObject({ status: 202, body: { total: 2, failed: 2 } });
  });

  it('reads the encodings of spreadsheets, and names the line of what it cannot read', async () => {
    const rows = (email: string) => `email,displayName\r\n${email},Grüße\r\n`;
    const { token } = await signIn(world, customer.first.email);
    const invited = async (bytes: Uint8Array<ArrayBuffer>, type: string) => {
      const answer = await fetch(`${world.baseUrl}${invitesOf(customer)}/batch`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': type },
        body: bytes,
      });
      return { status: answer.status, body: (await answer.json()) as { errors: { message: string }[] } };
    };
    const marked = Buffer.from(`\uFEFF${rows(someAddress())}`, 'utf16le');
    expect(await invited(marked, 'text/csv')).toMatchObject({ status: 202, body: { failed: 0 } });
    const western = Buffer.from(rows(someAddress()), 'latin1');
    expect(await invited(western, 'text/csv; charset=windows-1252')).toMatchObject({
      status: 202,
      body: { failed: 0 },
    });
    const refused = await invited(western, 'text/csv');
    expect(refused).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(refused.body.errors[0]?.message).toContain('Line 2 is not utf-8');
    expect(await invited(western, 'text/csv; charset=klingon')).toMatchObject({ status: 415 });
    const unmarked = await invited(Buffer.from(rows(someAddress()), 'utf16le'), 'text/csv');
    expect(unmarked.body.errors[0]?.message).toContain('UTF-16');
    const twice = await batch('email,Email\na@b.example,c@d.example', { 'content-type': 'text/csv' });
    expect(twice.body.errors[0].message).toContain('names the column email twice');
  });

  it('goes on where it was when a worker comes back, and its progress can be read meanwhile', async () => {
    await world.stopWorker();
    const invites = Array.from({ length: 120 }, (_, index) => ({
      email: `bulk-${index}@many.example`,
      workspaceRole: 'read_only',
    }));
    const sent = await batch({ invites });
    expect((await customer.first.http.get(sent.headers.get('location') ?? '')).body).toMatchObject({
      status: 'running',
      total: 120,
      done: 0,
    });
    await world.startWorker();
    expect(await finished(sent.headers.get('location') ?? '')).toMatchObject({ done: 120, invited: 120, failed: 0 });
  }, 40_000);

  it('is shown by the command line', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'countersign-'));
    const file = join(folder, 'people.csv');
    await writeFile(file, `email,workspaceRole\n${someAddress()},read_only\nbroken,read_only\n`);
    const environment = {
      COUNTERSIGN_URL: world.baseUrl,
      COUNTERSIGN_TOKEN: (await signIn(world, customer.first.email)).token ?? '',
    };
    const imported = await countersign(['invites', 'import', file, '--organization', customer.id], environment);
    expect(imported.output).toContain('2 rows: 1 invited, 0 invited before, 0 members already, 1 not possible');
    expect(imported.output).toContain('Row 2 (line 3), broken: email: Write an e-mail address such as ada@example.com');
    // Somebody could not be invited: a script must notice.
    expect(imported.code).toBe(4);
    const foreign = await countersign(['invites', 'import', file, '--organization', partner.id], environment);
    expect(foreign).toMatchObject({ code: 3, errors: expect.stringContaining('There is nothing here') });
    await rm(folder, { recursive: true });
  });
});
