import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JWTPayload } from 'jose';
import { asSystem, FailedSignIn, LogoutToken, Organization } from '#persistence';
import { Browser } from '../support/browser.ts';
import { organization, person, type Cast } from '../support/cast.ts';
import { eventually } from '../support/eventually.ts';
import { HttpClient } from '../support/http-client.ts';
import {
  addMember,
  createCustomer,
  createPartner,
  signIn,
  type OrganizationWithFirst,
  type Person,
} from '../support/people.ts';
import { startSigningIssuer, type SigningIssuer } from '../support/signing-issuer.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let partner: OrganizationWithFirst;
let customer: OrganizationWithFirst;
let issuer: SigningIssuer;
let acme: { id: string; slug: string };

const ada = { sub: 'subject-of-ada', email: 'ada@acme.example' };

beforeAll(async () => {
  world = await createWorld();
  partner = await createPartner(world);
  customer = await createCustomer(world, partner);
  issuer = await startSigningIssuer(ada);
  const created = await world.support.post('/v1/organizations', {
    kind: 'customer',
    name: 'Acme',
    slug: 'acme',
    loginMethods: ['sso'],
    sso: issuer.sso,
    firstAdministrator: { email: ada.email, displayName: 'Ada Lovelace' },
  });
  acme = { id: created.body.id, slug: 'acme' };
}, 120_000);

afterAll(async () => {
  await issuer?.stop();
  await world?.stop();
});

/** A client that has signed in at Acme; `claims` is what its provider tells of the sign-in. */
async function singleSignOn(claims: JWTPayload = {}): Promise<HttpClient> {
  issuer.claims = claims;
  const codeVerifier = randomBytes(32).toString('base64url');
  const challenge = createHash('sha256').update(codeVerifier).digest('base64url');
  const end = await new Browser().press(`${world.baseUrl}/sso/acme/start?codeChallenge=${challenge}`);
  const { code } = end.body as { code: string };
  const session = await world.visitor.post('/v1/sessions/sso', { code, codeVerifier });
  expect(session.status).toBe(201);
  return new HttpClient(world.baseUrl, session.body.token);
}

const isSignedIn = async (http: HttpClient) => (await http.get('/v1/me')).status === 200;
const opens = async (http: HttpClient, organizationId: string) =>
  (await http.get(`/v1/organizations/${organizationId}`)).status === 200;

describe('a person', () => {
  it('signs out everywhere at once, and is nowhere signed in', async () => {
    const member = await addMember(world, customer);
    const phone = await signIn(world, member.email);
    const laptop = await signIn(world, member.email);
    expect((await phone.delete('/v1/sessions')).status).toBe(204);
    expect(await Promise.all([phone, laptop, member.http].map(isSignedIn))).toEqual([false, false, false]);
    expect(await isSignedIn(await signIn(world, member.email))).toBe(true);
  });
});

describe('an administrator', () => {
  let both: Person;
  let elsewhere: string;

  beforeAll(async () => {
    both = await addMember(world, customer);
    elsewhere = await organization(world, 'customer', { name: 'Elsewhere' });
    await world.database.transaction(asSystem, (em) =>
      em.execute(
        `insert into membership (id, organization_id, account_id, kind, workspace_role, version)
         values (gen_random_uuid(), ?, ?, 'home', 'full_access', 1)`,
        [elsewhere, both.accountId],
      ),
    );
    both.http = await signIn(world, both.email);
  });

  const sessionsOf = ({ memberId }: Pick<Person, 'memberId'>) =>
    `/v1/organizations/${customer.id}/members/${memberId}/sessions`;

  it('signs a member of two tenants out of theirs, and not of the other', async () => {
    expect([await opens(both.http, customer.id), await opens(both.http, elsewhere)]).toEqual([true, true]);
    expect((await customer.first.http.delete(sessionsOf(both))).status).toBe(204);
    expect([await opens(both.http, customer.id), await opens(both.http, elsewhere)]).toEqual([false, true]);
    expect(await opens(await signIn(world, both.email), customer.id)).toBe(true);
    const { body } = await customer.first.http.get(`/v1/organizations/${customer.id}/audit-events`);
    expect(body.items).toContainEqual(
      expect.objectContaining({ action: 'session.ended', subject: { kind: 'membership', id: both.memberId } }),
    );
  });

  it('ends every session of somebody who belongs nowhere else', async () => {
    const member = await addMember(world, customer);
    expect((await customer.first.http.delete(sessionsOf(member))).status).toBe(204);
    expect(await isSignedIn(member.http)).toBe(false);
  });

  it('is signed out by nobody with less, and by no agent whom they could revoke', async () => {
    const reader = await addMember(world, customer, { workspaceRole: 'read_only' });
    expect(await reader.http.delete(sessionsOf(customer.first))).toMatchObject({ status: 403 });
    const agent = await addMember(world, partner, { administratorRoles: ['help_desk_advanced'] });
    const asked = await agent.http.post('/v1/elevations', { customerId: customer.id, reason: 'Phones are silent' });
    await customer.first.http.post(`/v1/elevations/${asked.body.id}/approve`);
    expect((await agent.http.delete(sessionsOf(customer.first))).status).toBe(403);
    expect(await isSignedIn(customer.first.http)).toBe(true);
    const stranger: Cast = await person(world, 'Stranger', [{ in: elsewhere, roles: ['full_administrator'] }]);
    expect((await stranger.http.delete(sessionsOf(customer.first))).status).toBe(404);
  });

  it('ends the single sign-on of whom they remove, in the same transaction', async () => {
    const owner = await singleSignOn();
    const invited = await owner.post(`/v1/organizations/${acme.id}/invites`, {
      email: 'bob@acme.example',
      workspaceRole: 'full_access',
    });
    expect(invited.status).toBe(201);
    const bob = await singleSignOn({ sub: 'subject-of-bob', email: 'bob@acme.example' });
    const { body } = await bob.get('/v1/me');
    expect((await owner.delete(`/v1/organizations/${acme.id}/members/${body.memberships[0].id}`)).status).toBe(204);
    expect(await isSignedIn(bob)).toBe(false);
  });
});

describe('an identity provider', () => {
  const event = 'http://schemas.openid.net/event/backchannel-logout';
  const now = () => Math.floor(Date.now() / 1000);
  const logoutClaims = (): JWTPayload => ({
    iss: issuer.sso.issuer,
    aud: issuer.sso.clientId,
    iat: now(),
    exp: now() + 120,
    jti: randomUUID(),
    events: { [event]: {} },
  });
  const send = async (token: string, slug = 'acme') =>
    fetch(`${world.baseUrl}/sso/${slug}/back-channel-logout`, {
      method: 'POST',
      body: new URLSearchParams({ logout_token: token }),
    }).then(async (response) => ({
      status: response.status,
      code: ((await response.text()).match(/"code":"(\w+)"/) ?? [])[1],
    }));

  it('ends one of its sessions, and with the person all of them; each token once', async () => {
    const phone = await singleSignOn({ sid: 'phone' });
    const laptop = await singleSignOn({ sid: 'laptop' });
    const ofPhone = await issuer.sign({ ...logoutClaims(), sid: 'phone' });
    expect(await send(ofPhone)).toMatchObject({ status: 200 });
    expect([await isSignedIn(phone), await isSignedIn(laptop)]).toEqual([false, true]);

    const again = await singleSignOn({ sid: 'phone' });
    expect(await send(ofPhone)).toEqual({ status: 400, code: 'logout_token_invalid' });
    expect(await isSignedIn(again)).toBe(true);

    expect(await send(await issuer.sign({ ...logoutClaims(), sub: ada.sub }))).toMatchObject({ status: 200 });
    expect([await isSignedIn(again), await isSignedIn(laptop)]).toEqual([false, false]);
    const kept = await world.database.transaction(asSystem, (em) => em.count(LogoutToken));
    expect(kept).toBe(2);
  });

  it.each<[string, () => JWTPayload | Promise<string>]>([
    ['of another client', () => ({ ...logoutClaims(), sub: ada.sub, aud: 'somebody-else' })],
    ['with a nonce, as an ID token has', () => ({ ...logoutClaims(), sub: ada.sub, nonce: 'n' })],
    ['that is no logout', () => ({ ...logoutClaims(), sub: ada.sub, events: {} })],
    ['that names nobody', () => logoutClaims()],
    ['without an id', () => ({ ...logoutClaims(), sub: ada.sub, jti: undefined })],
    ['of yesterday', () => ({ ...logoutClaims(), sub: ada.sub, iat: now() - 86_400, exp: now() + 60 })],
    ['of another issuer', () => ({ ...logoutClaims(), sub: ada.sub, iss: 'https://elsewhere.example' })],
  ])('is not obeyed with a token %s', async (_what, claims) => {
    const session = await singleSignOn();
    const made = await claims();
    const token = typeof made === 'string' ? made : await issuer.sign(made);
    expect(await send(token)).toEqual({ status: 400, code: 'logout_token_invalid' });
    expect(await isSignedIn(session)).toBe(true);
  });

  it('has no say over people of another tenant, nor over their other sessions', async () => {
    const rogue = await startSigningIssuer({ sub: ada.sub, email: 'mallory@rogue.example' });
    try {
      await world.support.post('/v1/organizations', {
        kind: 'customer',
        name: 'Rogue',
        slug: 'rogue',
        loginMethods: ['sso'],
        sso: rogue.sso,
        firstAdministrator: { email: 'mallory@rogue.example', displayName: 'Mallory' },
      });
      const session = await singleSignOn();
      const about = { iss: rogue.sso.issuer, aud: rogue.sso.clientId, sub: ada.sub };
      const token = await rogue.sign({ ...logoutClaims(), ...about });
      expect(await send(token, 'acme')).toEqual({ status: 400, code: 'logout_token_invalid' });
      expect(await send(token, 'rogue')).toMatchObject({ status: 200 });
      expect(await isSignedIn(session)).toBe(true);
    } finally {
      await rogue.stop();
    }
  });
});

describe('the trail', () => {
  const signIns = async (http: HttpClient, organizationId: string, accountId: string) => {
    const { body } = await http.get(`/v1/organizations/${organizationId}/audit-events?limit=200`);
    return body.items.filter(
      ({ action, subject }: { action: string; subject: { id: string } }) =>
        action === 'session.opened' && subject.id === accountId,
    );
  };

  it('has each sign-in, with method and address, in each organization it opens and in no other', async () => {
    const member = await addMember(world, customer);
    const [event] = await signIns(customer.first.http, customer.id, member.accountId);
    expect(event).toMatchObject({
      outcome: 'success',
      facts: { method: 'password', amr: ['pwd'], secondFactor: false },
    });
    expect(JSON.stringify(event)).toContain('127.0.0.1');
    expect(event.organizationIds).toEqual([customer.id]);
    expect(await signIns(partner.first.http, partner.id, member.accountId)).toEqual([]);
  });

  it('tells what a provider said of its own sign-in', async () => {
    const session = await singleSignOn({ amr: ['pwd', 'mfa'], acr: 'https://refeds.org/profile/mfa' });
    const { body } = await session.get('/v1/sessions/current');
    expect(body).toMatchObject({ method: 'sso', amr: ['pwd', 'mfa'], secondFactorAt: expect.any(String) });
    const me = await session.get('/v1/me');
    const [event] = await signIns(session, acme.id, me.body.account.id);
    expect(event.facts).toMatchObject({ method: 'sso', issuer: issuer.sso.issuer, secondFactor: true });
  });

  it('has a single sign-on in vain, wherever it failed, with issuer, assurance and address', async () => {
    const session = await singleSignOn();
    const inVain = async () => {
      const { body } = await session.get(`/v1/organizations/${acme.id}/audit-events?limit=50&action=session.opened`);
      return body.items.filter(({ outcome }: { outcome: string }) => outcome === 'refused');
    };
    const press = () => new Browser().press(`${world.baseUrl}/sso/acme/start`);
    issuer.claims = { nonce: 'of another sign-in' };
    expect((await press()).status).toBe(401);
    issuer.claims = { sub: 'a-stranger', email: 'mallory@acme.example', amr: ['mfa'] };
    expect((await press()).status).toBe(403);
    issuer.claims = { sub: 'another-subject', email: ada.email };
    expect((await press()).status).toBe(403);
    const settle = (to: string) =>
      world.database.transaction(asSystem, async (em) => {
        const { sso, ...row } = await em.findOneOrFail(Organization, { id: acme.id });
        if (sso) await em.nativeUpdate(Organization, { id: row.id }, { sso: { ...sso, issuer: to } });
      });
    await settle('http://127.0.0.1:9');
    expect((await press()).status).toBe(503);
    await settle(issuer.sso.issuer);

    const facts = { method: 'sso', issuer: issuer.sso.issuer };
    expect(await inVain()).toMatchObject([
      { facts: { method: 'sso', issuer: 'http://127.0.0.1:9', code: 'sso_unavailable' } },
      { facts: { ...facts, code: 'identity_not_linked' } },
      { facts: { ...facts, code: 'no_membership', amr: ['mfa'], acr: null } },
      { facts: { ...facts, code: 'sso_failed' } },
    ]);
    expect(JSON.stringify((await inVain())[0])).toContain('127.0.0.1');
    expect(JSON.stringify(await inVain())).not.toContain('mallory');
  });

  it('has a sign-in in vain of somebody, and keeps nothing of names that are nobody’s', async () => {
    const member = await addMember(world, customer);
    const failing = (email: string) => world.visitor.post('/v1/sessions', { email, password: 'not it at all' });
    await failing('nobody@nowhere.example');
    await failing(member.email.toUpperCase());
    const refused = () => signIns(customer.first.http, customer.id, member.accountId);
    await eventually(async () =>
      expect((await refused())[0]).toMatchObject({ outcome: 'refused', facts: { code: 'wrong_credentials' } }),
    );
    expect(await world.database.transaction(asSystem, (em) => em.count(FailedSignIn))).toBe(0);
    const { body } = await customer.first.http.get(`/v1/organizations/${customer.id}/audit-events?limit=200`);
    expect(JSON.stringify(body)).not.toContain('nobody@nowhere.example');
  });
});
