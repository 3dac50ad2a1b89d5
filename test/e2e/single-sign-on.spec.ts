import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { errorCatalogue } from '#contracts';
import { Account, asSystem, Invite, Membership, Organization } from '#persistence';
import { Browser } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { HttpClient } from '../support/http-client.ts';
import {
  callbackOf,
  startIdentityProvider,
  type Identity,
  type TestIdentityProvider,
} from '../support/identity-provider.ts';
import { acceptInvite, addMember, createPartner, type OrganizationWithFirst } from '../support/people.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let acmeProvider: TestIdentityProvider;
let globexProvider: TestIdentityProvider;
let acme: { id: string; slug: string };
let globex: { id: string; slug: string };
/** A tenant with passwords, for people who have an account already. */
let northwind: OrganizationWithFirst;
let ada: HttpClient;
let carl: HttpClient;

const identity = (name: string, email: string, emailVerified = true): Identity => ({
  subject: `subject-of-${email}`,
  email,
  emailVerified,
  name,
});
const adaIdentity = identity('Ada Lovelace', 'ada@acme.example');
const carlIdentity = identity('Carl Gauss', 'carl@globex.example');

beforeAll(async () => {
  world = await createWorld();
  [acmeProvider, globexProvider] = await Promise.all([
    startIdentityProvider(callbackOf(world, 'acme'), callbackOf(world, 'initech')),
    startIdentityProvider(callbackOf(world, 'globex')),
  ]);
  acme = await createTenant('Acme', adaIdentity, acmeProvider);
  globex = await createTenant('Globex', carlIdentity, globexProvider);
  northwind = await createPartner(world);
  ada = await tokenFor(acme, acmeProvider, adaIdentity);
  carl = await tokenFor(globex, globexProvider, carlIdentity);
}, 120_000);

afterAll(async () => {
  await acmeProvider?.stop();
  await globexProvider?.stop();
  await world?.stop();
});

async function createTenant(
  name: string,
  first: Identity,
  { sso }: TestIdentityProvider,
  loginMethods: string[] = ['sso'],
): Promise<{ id: string; slug: string }> {
  const slug = name.toLowerCase();
  const created = await world.support.post('/v1/organizations', {
    kind: 'customer',
    name,
    slug,
    loginMethods,
    sso,
    firstAdministrator: { email: first.email, displayName: 'As invited' },
  });
  expect(created.status).toBe(201);
  return { id: created.body.id, slug };
}

const challengeOf = (verifier: string) => createHash('sha256').update(verifier).digest('base64url');

async function comeBackWithCode(tenant: { slug: string }, provider: TestIdentityProvider, who: Identity, more = '') {
  provider.signsIn(who);
  const codeVerifier = randomBytes(32).toString('base64url');
  const end = await new Browser().press(
    `${world.baseUrl}/sso/${tenant.slug}/start?codeChallenge=${challengeOf(codeVerifier)}${more}`,
  );
  return { status: end.status, body: end.body as { code: string; next?: string }, codeVerifier };
}

/** The link of the latest mail of an Acme invite, as the person presses it. */
async function welcomeLink(email: string): Promise<string> {
  return eventually(() => {
    const mails = world.mail.mails().filter(({ to, kind }) => to.includes(email) && kind === 'invite.welcome');
    const token = /cs_invite_[\w-]+/.exec(mails.findLast(({ text }) => text.includes('Acme'))?.text ?? '')?.[0];
    if (!token) throw new Error(`No link in the mail to ${email}`);
    return token;
  });
}

/** A client of the API that has signed in by single sign-on; `more` goes into the address it begins at. */
async function tokenFor(
  tenant: { slug: string },
  provider: TestIdentityProvider,
  who: Identity,
  more = '',
): Promise<HttpClient> {
  const { body, codeVerifier } = await comeBackWithCode(tenant, provider, who, more);
  const session = await world.visitor.post('/v1/sessions/sso', { code: body.code, codeVerifier });
  expect(session).toMatchObject({ status: 201, body: { token: expect.stringMatching(/^cs_session_/) } });
  return new HttpClient(world.baseUrl, session.body.token);
}

const start = (slug: string) => `${world.baseUrl}/sso/${slug}/start`;
const atProvider =
  ({ sso }: TestIdentityProvider) =>
  ({ origin }: URL) =>
    origin === sso.issuer;

/** As if the provider had moved: an Owner would have to sign in through it first. */
const settleIssuer = (id: string, issuer: string) =>
  world.database.transaction(asSystem, async (em) => {
    const organization = await em.findOneOrFail(Organization, { id });
    if (organization.sso) organization.sso = { ...organization.sso, issuer };
  });

const countAccounts = () => world.database.transaction(asSystem, (em) => em.count(Account));

describe('the first single sign-on of an invited person', () => {
  it('accepts the invite and makes the account', async () => {
    const me = await ada.get('/v1/me');
    expect(me.body).toMatchObject({
      account: { email: 'ada@acme.example', displayName: 'Ada Lovelace' },
      session: { method: 'sso', organizationId: acme.id },
      memberships: [
        { organization: { id: acme.id }, workspaceRole: 'owner', administratorRoles: ['full_administrator'] },
      ],
    });
    const invites = await ada.get(`/v1/organizations/${acme.id}/invites`);
    expect(invites.body.items).toMatchObject([{ email: 'ada@acme.example', status: 'accepted' }]);
  });

  it('signs a browser in with a cookie, at the page it wanted', async () => {
    await ada.post(`/v1/organizations/${acme.id}/invites`, { email: 'grace@acme.example', workspaceRole: 'read_only' });
    acmeProvider.signsIn(identity('Grace Hopper', 'GRACE@acme.example'));
    const browser = new Browser();
    const wanted = `/organizations/${acme.id}/access`;
    const end = await browser.press(
      `${world.baseUrl}/sso/acme/start?return=${encodeURIComponent(wanted)}`,
      'text/html',
    );
    expect(end.url.pathname).toBe(wanted);
    const token = browser.cookie(world.baseUrl, 'countersign') ?? '';
    const me = await new HttpClient(world.baseUrl, token).get('/v1/me');
    expect(me.body).toMatchObject({
      account: { email: 'grace@acme.example' },
      memberships: [{ workspaceRole: 'read_only' }],
    });
  });

  it('happens once when two tabs come back at the same moment', async () => {
    const twin = identity('Emmy Noether', 'emmy@acme.example');
    await ada.post(`/v1/organizations/${acme.id}/invites`, { email: twin.email, workspaceRole: 'read_only' });
    const ends = await Promise.all(Array.from({ length: 6 }, () => comeBackWithCode(acme, acmeProvider, twin)));
    expect(ends.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    const accounts = await world.database.transaction(asSystem, (em) => em.count(Account, { email: twin.email }));
    expect(accounts).toBe(1);
  });

  it('judges the inviter again: who may no longer invite lets nobody in', async () => {
    const full = identity('Full Access', 'full@acme.example');
    await ada.post(`/v1/organizations/${acme.id}/invites`, { email: full.email, workspaceRole: 'full_access' });
    const inviter = await tokenFor(acme, acmeProvider, full);
    const late = identity('Late', 'late@acme.example');
    const invited = await inviter.post(`/v1/organizations/${acme.id}/invites`, {
      email: late.email,
      workspaceRole: 'read_only',
    });
    expect(invited.status).toBe(201);
    await world.database.transaction(asSystem, async (em) => {
      await em.nativeUpdate(Membership, { accountId: invited.body.invitedBy.id }, { workspaceRole: 'read_only' });
    });
    const before = await countAccounts();
    expect(await comeBackWithCode(acme, acmeProvider, late)).toMatchObject({
      status: 403,
      body: { code: 'inviter_not_entitled' },
    });
    expect(await countAccounts()).toBe(before);
  });
});

describe('somebody the provider knows', () => {
  it('is known by issuer and subject from then on, whatever becomes of the address', async () => {
    const renamed = { ...adaIdentity, email: 'countess@elsewhere.example', emailVerified: false };
    const again = await tokenFor(acme, acmeProvider, renamed);
    expect((await again.get('/v1/me')).body.account.email).toBe('ada@acme.example');
  });

  it('is refused without membership and invite, and no account is made', async () => {
    const before = await countAccounts();
    const end = await comeBackWithCode(acme, acmeProvider, identity('Mallory', 'mallory@acme.example'));
    expect(end).toMatchObject({
      status: 403,
      body: { code: 'no_membership', next: expect.stringContaining('invite') },
    });
    expect(await countAccounts()).toBe(before);
    const trail = await ada.get(`/v1/organizations/${acme.id}/audit-events`);
    expect(trail.body.items[0]).toMatchObject({ action: 'session.opened', outcome: 'refused' });
  });

  it('is refused with an address the provider has not verified, invited or not', async () => {
    await ada.post(`/v1/organizations/${acme.id}/invites`, { email: 'eve@acme.example', workspaceRole: 'read_only' });
    const before = await countAccounts();
    expect(await comeBackWithCode(acme, acmeProvider, identity('Eve', 'eve@acme.example', false))).toMatchObject({
      status: 403,
      body: { code: 'address_not_verified' },
    });
    expect(await countAccounts()).toBe(before);
  });
});

describe('one tenant’s identity provider', () => {
  it('lets nobody into another tenant by claiming a verified address of its people', async () => {
    const claimed = await comeBackWithCode(globex, globexProvider, { ...adaIdentity });
    expect(claimed).toMatchObject({ status: 403, body: { code: 'no_membership' } });
  });

  it('opens its own tenant only, even for somebody who belongs to both', async () => {
    // By the mail's link, Carl's address is proven, and it is one account that belongs to both.
    const proof = await carl.post('/v1/me/address/prove');
    expect(proof.status).toBe(202);
    const mail = await world.mail.waitForMail({ to: carlIdentity.email, kind: 'single-sign-on.link' }, 15_000);
    await tokenFor(globex, globexProvider, carlIdentity, `&link=${/cs_link_[\w-]+/.exec(mail.text)?.[0]}`);
    await ada.post(`/v1/organizations/${acme.id}/invites`, { email: carlIdentity.email, workspaceRole: 'full_access' });
    const link = `&invite=${await welcomeLink(carlIdentity.email)}`;
    const carlAtAcme = await tokenFor(acme, acmeProvider, { ...carlIdentity, subject: 'another-subject' }, link);
    expect((await carlAtAcme.get(`/v1/organizations/${acme.id}/members`)).status).toBe(200);
    expect(await carlAtAcme.get(`/v1/organizations/${globex.id}/members`)).toMatchObject({
      status: 403,
      body: { code: 'login_method_not_allowed' },
    });
    expect((await carl.get(`/v1/organizations/${globex.id}/members`)).status).toBe(200);
    expect((await carl.get(`/v1/organizations/${acme.id}/members`)).status).toBe(403);
    expect((await carl.get('/v1/me')).body.memberships).toHaveLength(1);
    const about = (organizationId: string) => ({
      action: { name: 'write' },
      resource: { type: 'setting', id: 'devices', properties: { organizationId } },
    });
    const id = (await carl.get('/v1/me')).body.account.id;
    const asked = await carlAtAcme.post('/access/v1/evaluation', {
      subject: { type: 'account', id },
      ...about(globex.id),
    });
    expect(asked.body.decision).toBe(false);
  });

  it('neither takes nor bars an invite by an alias that an administrator elsewhere gave', async () => {
    const squatter = await addMember(world, northwind);
    const victim = identity('Victor', 'victor@globex.example');
    const alias = await northwind.first.http.post(
      `/v1/organizations/${northwind.id}/members/${squatter.memberId}/aliases`,
      { address: victim.email },
    );
    expect(alias.status).toBe(201);
    await carl.post(`/v1/organizations/${globex.id}/invites`, { email: victim.email, workspaceRole: 'full_access' });
    const victimAtGlobex = await tokenFor(globex, globexProvider, victim);
    expect((await victimAtGlobex.get('/v1/me')).body).toMatchObject({
      account: { email: victim.email },
      memberships: [{ organization: { id: globex.id } }],
    });
    const taken = await world.database.transaction(asSystem, (em) =>
      em.count(Membership, { accountId: squatter.accountId, organizationId: globex.id }),
    );
    expect(taken).toBe(0);
  });
});

describe('a tenant with single sign-on only', () => {
  it('refuses a password login, and a password session of a member acts elsewhere but not there', async () => {
    const both = await addMember(world, northwind);
    const invited = await ada.post(`/v1/organizations/${acme.id}/invites`, {
      email: both.email,
      workspaceRole: 'full_access',
    });
    const link = `&invite=${await welcomeLink(both.email)}`;
    const at = await tokenFor(acme, acmeProvider, identity('Both', both.email), link);
    expect((await at.get('/v1/me')).body.account.id).toBe(both.accountId);
    expect((await at.get(`/v1/organizations/${acme.id}/invites/${invited.body.id}`)).status).toBe(200);
    expect(await both.http.get(`/v1/organizations/${acme.id}/members`)).toMatchObject({
      status: 403,
      body: { code: 'login_method_not_allowed' },
    });
    expect((await both.http.get(`/v1/organizations/${northwind.id}/members`)).status).toBe(200);
    expect((await at.get(`/v1/organizations/${northwind.id}/members`)).status).toBe(403);
    expect((await at.get('/v1/me')).body.memberships).toMatchObject([{ organization: { id: acme.id } }]);
  });

  it('ends what a password opened when it stops to allow passwords', async () => {
    const first = identity('First', 'first@initech.example');
    const initech = await createTenant('Initech', first, acmeProvider, ['password', 'sso']);
    const person = await acceptInvite(world, first.email, 'First', initech.id);
    const settings = `/v1/organizations/${initech.id}`;
    const test = await person.http.post(`${settings}/sso/test`);
    acmeProvider.signsIn(first);
    expect(await new Browser().press(test.body.url)).toMatchObject({
      status: 200,
      body: expect.stringContaining('The sign-in works'),
    });
    expect((await person.http.patch(settings, { loginMethods: ['sso'] })).status).toBe(200);
    expect((await person.http.get(`${settings}/members`)).status).toBe(403);
    expect((await person.http.patch(settings, { name: 'Mine' })).status).toBe(403);
    expect(await world.visitor.post('/v1/sessions', { email: first.email, password: person.password })).toMatchObject({
      status: 403,
      body: { code: 'login_method_not_allowed' },
    });
    const wrong = await world.visitor.post('/v1/sessions', { email: first.email, password: 'not the password' });
    expect(wrong).toMatchObject({ status: 401, body: { code: 'wrong_credentials' } });
    // The account is the same by either way.
    const bySso = await tokenFor(initech, acmeProvider, first);
    expect((await bySso.get('/v1/me')).body.account.id).toBe(person.accountId);
  });

  it('is not made of one that has no provider: nobody could come in to undo it', async () => {
    const path = `/v1/organizations/${northwind.id}`;
    expect(await northwind.first.http.patch(path, { loginMethods: ['sso'] })).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', errors: [{ pointer: '/loginMethods' }] },
    });
    expect((await northwind.first.http.get(path)).body.loginMethods).toEqual(['password']);
  });

  it('lets a password tenant be: nobody starts a single sign-on there', async () => {
    expect((await world.visitor.get(`/sso/${northwind.slug}/start`)).status).toBe(403);
    expect((await world.visitor.get('/sso/no-such-tenant/start')).status).toBe(404);
  });
});

describe('an alias for the partner side', () => {
  it('is not needed to join by the link of the mail, whatever address the provider knows the person by', async () => {
    const member = await addMember(world, northwind);
    const path = `/v1/organizations/${acme.id}/invites`;
    expect((await ada.post(path, { email: member.email, workspaceRole: 'read_only' })).status).toBe(201);
    const link = `&invite=${await welcomeLink(member.email)}`;
    const there = await tokenFor(acme, acmeProvider, identity('Second', 'second@acme.example'), link);
    expect((await there.get('/v1/me')).body.account.id).toBe(member.accountId);
  });

  it('does not make one member another: an alias given by somebody else reaches nobody’s account', async () => {
    const page = await ada.get(`/v1/organizations/${acme.id}/members?query=ada`);
    const adaMember = page.body.items[0].id;
    const given = await ada.post(`/v1/organizations/${acme.id}/members/${adaMember}/aliases`, {
      address: 'intruder@acme.example',
    });
    expect(given.status).toBe(201);
    const end = await comeBackWithCode(acme, acmeProvider, identity('Intruder', 'intruder@acme.example'));
    expect(end).toMatchObject({ status: 403, body: { code: 'identity_not_linked' } });
    // The mail goes to the member's own address, never to the alias.
    const mail = await world.mail.waitForMail({ to: adaIdentity.email, kind: 'single-sign-on.link' }, 15_000);
    expect(mail.text).toContain('/sso/acme/start?link=cs_link_');
  });
});

describe('the way to the provider and back', () => {
  it('carries state, nonce and PKCE, and a cookie no script reads', async () => {
    const browser = new Browser();
    const { url: to } = await browser.press(start('acme'), 'text/html', atProvider(acmeProvider));
    expect(to.origin).toBe(acmeProvider.sso.issuer);
    expect(Object.fromEntries(to.searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.any(String),
      nonce: expect.any(String),
      redirect_uri: `${world.baseUrl}/sso/acme/callback`,
    });
    const begun = browser.seen.filter((cookie) => cookie.startsWith('countersign-sso-'));
    expect(begun).toEqual([expect.stringMatching(/^countersign-sso-[\w-]{22}=.+HttpOnly.+SameSite=Lax/)]);
  });

  it('is refused in a browser that did not begin it, and with a state of somebody else', async () => {
    expect(await world.visitor.get('/sso/acme/callback?code=1&state=2')).toMatchObject({
      status: 400,
      body: { code: 'sso_transaction_lost' },
    });
    const browser = new Browser();
    const { url } = await browser.press(start('acme'), 'text/html', atProvider(acmeProvider));
    const cookie = browser.cookiesFor(world.baseUrl);
    const forged = await world.visitor.get('/sso/acme/callback?code=stolen&state=forged', { cookie });
    expect(forged).toMatchObject({ status: 400, body: { code: 'sso_transaction_lost' } });
    const state = url.searchParams.get('state') ?? '';
    const own = `/sso/acme/callback?code=stolen&state=${state}`;
    expect(await world.visitor.get(own, { cookie })).toMatchObject({ status: 401, body: { code: 'sso_failed' } });
    const broken = cookie.replaceAll(/(countersign-sso-[\w-]{22})=[^;]+/g, '$1=AAAA');
    expect((await world.visitor.get(own, { cookie: broken })).body.code).toBe('sso_transaction_lost');
  });

  it('leads back to our own pages only', async () => {
    acmeProvider.signsIn(adaIdentity);
    for (const elsewhere of ['https://evil.example/', '//evil.example', '/\\evil.example']) {
      const end = await new Browser().press(
        `${world.baseUrl}/sso/acme/start?return=${encodeURIComponent(elsewhere)}`,
        'text/html',
      );
      expect(end.url.origin).toBe(world.baseUrl);
    }
  });

  it('gives a native client its code at a loopback address, for one use by that client', async () => {
    acmeProvider.signsIn(adaIdentity);
    const codeVerifier = randomBytes(32).toString('base64url');
    const begin = `${start('acme')}?codeChallenge=${challengeOf(codeVerifier)}`;
    const end = await new Browser().press(`${begin}&redirectUri=${encodeURIComponent('http://127.0.0.1:9/done')}`);
    const code = end.url.searchParams.get('code');
    expect(end.url.href).toMatch(/^http:\/\/127\.0\.0\.1:9\/done\?code=cs_code_/);
    expect((await world.visitor.post('/v1/sessions/sso', { code, codeVerifier })).status).toBe(201);
    expect(await world.visitor.post('/v1/sessions/sso', { code, codeVerifier })).toMatchObject({
      status: 401,
      body: { code: 'session_code_invalid' },
    });
    const stolen = await comeBackWithCode(acme, acmeProvider, adaIdentity);
    const thief = randomBytes(32).toString('base64url');
    const exchange = { code: stolen.body.code, codeVerifier: thief };
    expect((await world.visitor.post('/v1/sessions/sso', exchange)).status).toBe(401);
    const late = { code: stolen.body.code, codeVerifier: stolen.codeVerifier };
    expect((await world.visitor.post('/v1/sessions/sso', late)).status).toBe(401);
    const elsewhere = await world.visitor.get(
      `/sso/acme/start?codeChallenge=${challengeOf(thief)}&redirectUri=${encodeURIComponent('https://evil.example/')}`,
    );
    expect(elsewhere.status).toBe(400);
  });

  it('asks no address that is neither https nor this machine, and says when the provider is away', async () => {
    const settle = (issuer: string) => settleIssuer(acme.id, issuer);
    await settle('http://169.254.169.254/latest');
    expect(await new Browser().press(start('acme'))).toMatchObject({
      status: 409,
      body: expect.stringContaining(errorCatalogue.sso_misconfigured.title),
    });
    await settle('http://127.0.0.1:9');
    expect(await new Browser().press(start('acme'))).toMatchObject({
      status: 503,
      body: expect.stringContaining(errorCatalogue.sso_unavailable.title),
    });
    await settle(acmeProvider.sso.issuer);
    const { url } = await new Browser().press(start('acme'), 'text/html', atProvider(acmeProvider));
    expect(url.origin).toBe(acmeProvider.sso.issuer);
  });

  it('refuses an identity provider that vouches for another issuer', async () => {
    const pending = await world.database.transaction(asSystem, (em) => em.count(Invite, { status: 'pending' }));
    await settleIssuer(globex.id, `${globexProvider.sso.issuer}/other`);
    expect(await new Browser().press(start('globex'))).toMatchObject({
      body: expect.stringContaining(errorCatalogue.sso_failed.title),
    });
    expect(await world.database.transaction(asSystem, (em) => em.count(Invite, { status: 'pending' }))).toBe(pending);
  });
});
