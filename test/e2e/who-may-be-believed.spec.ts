import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Account, Address, asSystem, Membership, PasswordReset } from '#persistence';
import { Browser } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { HttpClient } from '../support/http-client.ts';
import {
  callbackOf,
  startIdentityProvider,
  type Identity,
  type TestIdentityProvider,
} from '../support/identity-provider.ts';
import {
  addMember,
  createCustomer,
  createPartner,
  signIn,
  testPassword,
  type OrganizationWithFirst,
} from '../support/people.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
/** Northwind is a partner whose provider says what Mallory likes. */
let northwind: OrganizationWithFirst;
/** Its customer, with one approver. */
let harbour: OrganizationWithFirst;
/** Another tenant, which has to do with neither. */
let fabrikam: OrganizationWithFirst;
let provider: TestIdentityProvider;

const inDatabase = <T>(work: Parameters<typeof world.database.transaction<T>>[1]) =>
  world.database.transaction(asSystem, work);
const claims = (subject: string, email: string): Identity => ({ subject, email, emailVerified: true, name: subject });

beforeAll(async () => {
  world = await createWorld();
  northwind = await createPartner(world);
  harbour = await createCustomer(world, northwind);
  fabrikam = await createPartner(world, 'Fabrikam');
  provider = await startIdentityProvider(callbackOf(world, northwind.slug));
  const settings = `/v1/organizations/${northwind.id}`;
  const set = await northwind.first.http.patch(settings, { sso: provider.sso, loginMethods: ['sso', 'password'] });
  expect(set.status).toBe(200);
}, 120_000);
afterAll(async () => {
  await provider?.stop();
  await world?.stop();
});

const start = (more = '') => `${world.baseUrl}/sso/${northwind.slug}/start${more}`;

async function throughTheProvider(who: Identity, more = '', browser = new Browser()) {
  provider.signsIn(who);
  const end = await browser.press(start(more), 'text/html');
  const token = browser.cookie(world.baseUrl, 'countersign');
  return { end, http: new HttpClient(world.baseUrl, token ?? 'cs_session_none'), signedIn: token !== undefined };
}

async function inviteToNorthwind(email: string, more: object = {}) {
  const path = `/v1/organizations/${northwind.id}/invites`;
  const invited = await northwind.first.http.post(path, { email, workspaceRole: 'read_only', ...more });
  expect(invited.status).toBe(201);
  return invited.body.id as string;
}

async function tokenIn(email: string, kind: 'invite.welcome' | 'invite.sign-up'): Promise<string> {
  const mail = await world.mail.waitForMail({ to: email, kind }, 15_000);
  return /cs_invite_[\w-]+/.exec(mail.text)?.[0] ?? '';
}

describe('an address that one tenant’s provider asserts', () => {
  it('is its own there, and free for whoever can read the mailbox', async () => {
    const email = 'honest@people.example';
    await inviteToNorthwind(email);
    const { http: squatter } = await throughTheProvider(claims('squatter', email));
    const squatterId = (await squatter.get('/v1/me')).body.account.id;
    const row = await inDatabase((em) => em.findOneOrFail(Address, { address: email }));
    expect(row).toMatchObject({ accountId: squatterId, verifiedAt: null, givenByOrganizationId: northwind.id });

    const invited = await fabrikam.first.http.post(`/v1/organizations/${fabrikam.id}/invites`, {
      email,
      workspaceRole: 'full_access',
    });
    expect(invited.status).toBe(201);
    const accepted = await world.visitor.post('/v1/invites/accept', {
      token: await tokenIn(email, 'invite.sign-up'),
      username: 'honest',
      password: testPassword,
    });
    expect(accepted.status).toBe(200);
    expect(accepted.body.accountId).not.toBe(squatterId);
    // The squatter goes on being who they are, there.
    expect((await squatter.get('/v1/me')).body).toMatchObject({
      account: { id: squatterId },
      memberships: [{ organization: { id: northwind.id } }],
    });
    expect((await signIn(world, email)).token).toBeDefined();
  });

  it('makes no alias and no main address verified: an invite, a reset and an alias elsewhere answer as ever', async () => {
    const email = 'reset-me@people.example';
    await inviteToNorthwind(email);
    const { signedIn } = await throughTheProvider(claims('squatter of the reset', email));
    expect(signedIn).toBe(true);
    const reset = await world.visitor.post('/v1/password-resets', { email });
    expect(reset.status).toBe(202);
    const member = await addMember(world, fabrikam);
    const aliases = `/v1/organizations/${fabrikam.id}/members/${member.memberId}/aliases`;
    const given = await fabrikam.first.http.post(aliases, { address: email });
    const control = await fabrikam.first.http.post(aliases, { address: 'nobody-has-this@people.example' });
    expect([given.status, control.status]).toEqual([201, 201]);
    // The wish for a new password reaches the mailbox, which sets none for whom it may not be, and reads how to come in.
    const mail = await world.mail.waitForMail({ to: email, kind: 'password.reset' }, 15_000);
    expect(mail).toMatchObject({ to: [email], subject: 'How to sign in' });
    expect(mail.text).toContain('Northwind');
    expect(mail.text).toContain(`/sign-in?organization=${northwind.slug}`);
    expect(mail.text + mail.html).not.toContain('cs_reset_');
    expect(mail.text).not.toContain('Fabrikam');
  });

  it('tells an inviter nothing: an address somebody has proven is answered like one nobody has', async () => {
    const proven = (await addMember(world, fabrikam)).email;
    const ask = (email: string) =>
      northwind.first.http.post(`/v1/organizations/${northwind.id}/invites`, { email, workspaceRole: 'read_only' });
    const [known, unknown] = [await ask(proven), await ask('unknown@people.example')];
    const shape = ({ status, body }: typeof known) => [status, Object.keys(body).toSorted()];
    expect(shape(known)).toEqual(shape(unknown));
    // The provider's word for either makes an account of this tenant.
    for (const email of [proven, 'unknown@people.example']) {
      const { http } = await throughTheProvider(claims(`says ${email}`, email));
      expect((await http.get('/v1/me')).body.memberships).toHaveLength(1);
    }
    const accounts = await inDatabase((em) => em.find(Account, { email: proven }));
    expect(accounts).toHaveLength(2);
  });
});

describe('somebody with no way in', () => {
  const forgot = async (email: string) => {
    expect((await world.visitor.post('/v1/password-resets', { email })).status).toBe(202);
    return world.mail.waitForMail({ to: email, kind: 'password.reset' }, 15_000);
  };

  it('who was invited and lost the mail gets its link again, by asking for a password they never had', async () => {
    const email = 'lost-the-invite@people.example';
    await inviteToNorthwind(email);
    const mail = await forgot(email);
    expect(mail.subject).toBe('How to sign in');
    const token = /cs_invite_[\w-]+/.exec(mail.text)?.[0];
    const body = { token, username: 'lost-the-invite', password: testPassword };
    expect((await world.visitor.post('/v1/invites/accept', body)).status).toBe(200);
    expect((await signIn(world, email)).token).toBeDefined();
  });

  it('who is known by a further address that they never confirmed reads whose administrators help', async () => {
    const member = await addMember(world, fabrikam);
    const address = `never-confirmed-${member.accountId}@people.example`;
    await fabrikam.first.http.post(`/v1/organizations/${fabrikam.id}/members/${member.memberId}/aliases`, { address });
    const mail = await forgot(address);
    expect(mail.text).toContain('administrator of: Fabrikam');
    // It is one tenant's word: the reader of that mailbox learns no address and sets no password of the member's.
    expect(mail.text + mail.html).not.toContain('cs_reset_');
    expect(mail.text + mail.html).not.toContain(member.email);
  });

  it('whom only a provider knew, where it is no more, sets a password by the mailbox, told by whose word', async () => {
    const tenant = await createPartner(world, 'Tailspin');
    const own = await startIdentityProvider(callbackOf(world, tenant.slug));
    try {
      const settings = `/v1/organizations/${tenant.id}`;
      await tenant.first.http.patch(settings, { sso: own.sso, loginMethods: ['sso', 'password'] });
      const email = 'by-the-provider@people.example';
      await tenant.first.http.post(`${settings}/invites`, { email, workspaceRole: 'read_only' });
      own.signsIn(claims('by the provider', email));
      const browser = new Browser();
      await browser.press(`${world.baseUrl}/sso/${tenant.slug}/start`, 'text/html');
      const http = new HttpClient(world.baseUrl, browser.cookie(world.baseUrl, 'countersign') ?? '');
      const { id } = (await http.get('/v1/me')).body.account;
      expect((await tenant.first.http.patch(settings, { sso: null, loginMethods: ['password'] })).status).toBe(200);
      const mail = await forgot(email);
      expect(mail.text).toContain('the account that Tailspin has made for this address');
      const token = /cs_reset_[\w-]+/.exec(mail.text)?.[0];
      const set = await world.visitor.post('/v1/password-resets/complete', { token, password: 'a late river in July' });
      expect(set.status).toBe(204);
      const back = await signIn(world, email, 'a late river in July');
      expect((await back.get('/v1/me')).body.account.id).toBe(id);
      const proven = await inDatabase((em) => em.findOneOrFail(Address, { address: email }));
      expect(proven).toMatchObject({ accountId: id, givenByOrganizationId: null });
      expect(proven.verifiedAt).not.toBeNull();
    } finally {
      await own.stop();
    }
  });

  it('whose main address is a tenant’s word is mailed where they were proven, which proves the other to nobody', async () => {
    const email = 'word-of-northwind@people.example';
    await inviteToNorthwind(email);
    const { http } = await throughTheProvider(claims('word of northwind', email));
    const accountId = (await http.get('/v1/me')).body.account.id as string;
    const proven = `proven-${accountId}@people.example`;
    await inDatabase(async (em) => {
      em.create(Address, { address: proven, accountId, kind: 'alias', verifiedAt: new Date() });
      em.create(Membership, { organizationId: fabrikam.id, accountId, kind: 'home', workspaceRole: 'read_only' });
    });
    const mail = await forgot(proven);
    const token = /cs_reset_[\w-]+/.exec(mail.text)?.[0];
    const body = { token, password: 'a late river in July' };
    expect((await world.visitor.post('/v1/password-resets/complete', body)).status).toBe(204);
    expect(await inDatabase((em) => em.findOneOrFail(Address, { address: email }))).toMatchObject({ verifiedAt: null });
  });

  it('gets no mail where nobody says anything of the address', async () => {
    const email = 'nobody-says-anything@people.example';
    expect((await world.visitor.post('/v1/password-resets', { email })).status).toBe(202);
    await eventually(async () => expect(await inDatabase((em) => em.count(PasswordReset, { address: email }))).toBe(0));
    expect(world.mail.mails().filter(({ to }) => to.includes(email))).toEqual([]);
  });
});

describe('a customer’s only approver whom a partner invites', () => {
  const agentOf = () => addMember(world, northwind, { administratorRoles: ['help_desk_advanced'] });

  it('is no member by the word of the partner’s provider, and denies as before', async () => {
    const agent = await agentOf();
    await inviteToNorthwind(harbour.first.email);
    const asked = await agent.http.post('/v1/elevations', { customerId: harbour.id, reason: 'Please' });
    expect(asked.status).toBe(201);
    const { http } = await throughTheProvider(claims('says it is the approver', harbour.first.email));
    expect((await http.get('/v1/me')).body.account.id).not.toBe(harbour.first.accountId);
    const memberships = await inDatabase((em) => em.find(Membership, { accountId: harbour.first.accountId }));
    expect(memberships.map(({ organizationId }) => organizationId)).toEqual([harbour.id]);
    const denied = await harbour.first.http.post(`/v1/elevations/${asked.body.id}/deny`, {});
    expect(denied).toMatchObject({ status: 200, body: { status: 'denied' } });
  });

  it('joins by a session of their own, and may leave again by it', async () => {
    const person = await addMember(world, fabrikam);
    await inviteToNorthwind(person.email);
    const token = await tokenIn(person.email, 'invite.welcome');
    const accepted = await person.http.post('/v1/invites/accept', { token });
    expect(accepted.status).toBe(200);
    const path = `/v1/organizations/${northwind.id}/members/${accepted.body.memberId}`;
    expect((await person.http.delete(path)).status).toBe(204);
    expect((await person.http.get('/v1/me')).body.memberships).toHaveLength(1);
  });

  it('leaves even where the way they sign in does not open the organization, but for the last ones', async () => {
    const person = await addMember(world, fabrikam);
    const membership = await inDatabase(async (em) => {
      const closed = em.create(Membership, {
        organizationId: harbour.id,
        accountId: person.accountId,
        kind: 'home',
        workspaceRole: 'read_only',
      });
      await em.flush();
      return closed.id;
    });
    expect((await person.http.delete(`/v1/me/memberships/${membership}`)).status).toBe(204);
    expect(await harbour.first.http.delete(`/v1/me/memberships/${harbour.first.memberId}`)).toMatchObject({
      status: 409,
      body: { code: 'last_owner' },
    });
    expect((await person.http.delete(`/v1/me/memberships/${harbour.first.memberId}`)).status).toBe(404);
  });
});

describe('people who were there before their provider', () => {
  it('are not reached by its word: they get a mail, and what is connected is who then signs in', async () => {
    const member = await addMember(world, northwind);
    const { end, signedIn } = await throughTheProvider(claims('not the member', member.email));
    expect(signedIn).toBe(false);
    expect(end).toMatchObject({ status: 403, body: expect.stringContaining('not connected with your account') });
    const mail = await world.mail.waitForMail({ to: member.email, kind: 'single-sign-on.link' }, 15_000);
    const link = `?link=${/cs_link_[\w-]+/.exec(mail.text)?.[0]}`;
    // Whoever the provider knows by another address is not the member, link or not.
    const other = await throughTheProvider(claims('somebody else', 'else@people.example'), link);
    expect(other).toMatchObject({ signedIn: false, end: { status: 403 } });
    const { http } = await throughTheProvider(claims('the member', member.email), link);
    expect((await http.get('/v1/me')).body.account.id).toBe(member.accountId);
    const again = await throughTheProvider(claims('another identity', member.email), link);
    expect(again).toMatchObject({ signedIn: false, end: { status: 410 } });
  });

  it('connect it by the session they have, and by no session of another provider', async () => {
    const member = await addMember(world, northwind);
    const browser = new Browser();
    browser.accept(world.baseUrl, `countersign=${member.http.token}`);
    const { http } = await throughTheProvider(claims('by session', member.email), '', browser);
    expect((await http.get('/v1/me')).body).toMatchObject({
      account: { id: member.accountId },
      session: { method: 'sso' },
    });
  });
});

describe('an alias', () => {
  it('goes with the membership it came by, and with it every link that was mailed to it', async () => {
    const former = await addMember(world, northwind);
    const next = await addMember(world, northwind);
    const address = `desk-${former.accountId}@northwind.example`;
    const members = `/v1/organizations/${northwind.id}/members`;
    await northwind.first.http.post(`${members}/${former.memberId}/aliases`, { address });
    await inDatabase((em) => em.nativeUpdate(Address, { address }, { verifiedAt: new Date() }));
    expect((await northwind.first.http.delete(`${members}/${former.memberId}`)).status).toBe(204);
    expect(await inDatabase((em) => em.count(Address, { address }))).toBe(0);
    expect((await northwind.first.http.post(`${members}/${next.memberId}/aliases`, { address })).status).toBe(201);
    await inDatabase((em) => em.nativeUpdate(Address, { address }, { verifiedAt: new Date() }));
    await world.visitor.post('/v1/password-resets', { email: address });
    // To the new holder, whose address it is; the former one has left and hears nothing.
    await world.mail.waitForMail({ to: next.email, kind: 'password.reset' }, 15_000);
    expect(world.mail.mails().filter(({ to, kind }) => to.includes(former.email) && kind === 'password.reset')).toEqual(
      [],
    );
  });

  it('is freed by giving it to another member, whose link of a mail works no more', async () => {
    const former = await addMember(world, northwind);
    const next = await addMember(world, northwind);
    const address = `phone-${former.accountId}@northwind.example`;
    const members = `/v1/organizations/${northwind.id}/members`;
    await northwind.first.http.post(`${members}/${former.memberId}/aliases`, { address });
    await inDatabase((em) => em.nativeUpdate(Address, { address }, { verifiedAt: new Date() }));
    await world.visitor.post('/v1/password-resets', { email: address });
    const mail = await world.mail.waitForMail({ to: former.email, kind: 'password.reset' }, 15_000);
    const token = /cs_reset_[\w-]+/.exec(mail.text)?.[0];
    const moved = await northwind.first.http.post(`${members}/${next.memberId}/aliases`, { address });
    expect(moved).toMatchObject({ status: 201, body: { verifiedAt: null } });
    expect((await former.http.get('/v1/me')).body.account.aliases).toEqual([]);
    const late = await world.visitor.post('/v1/password-resets/complete', { token, password: 'a late river in July' });
    expect(late).toMatchObject({ status: 410, body: { code: 'reset_link_invalid' } });
  });

  it('is told to no session that another tenant’s provider made', async () => {
    const member = await addMember(world, northwind);
    const browser = new Browser();
    browser.accept(world.baseUrl, `countersign=${member.http.token}`);
    await inDatabase(async (em) => {
      em.create(Address, {
        address: `private-${member.accountId}@fabrikam.example`,
        accountId: member.accountId,
        kind: 'alias',
        givenByOrganizationId: fabrikam.id,
        verifiedAt: new Date(),
      });
    });
    const { http } = await throughTheProvider(claims('told nothing', member.email), '', browser);
    expect((await http.get('/v1/me')).body.account.aliases).toEqual([]);
    expect((await member.http.get('/v1/me')).body.account.aliases).toHaveLength(1);
  });
});
