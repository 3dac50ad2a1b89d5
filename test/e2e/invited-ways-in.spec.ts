import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setPassword } from '#identity';
import { asSystem, Organization } from '#persistence';
import { Browser } from '../support/browser.ts';
import { organization, person } from '../support/cast.ts';
import { HttpClient } from '../support/http-client.ts';
import { callbackOf, startIdentityProvider, type TestIdentityProvider } from '../support/identity-provider.ts';
import { signIn, testPassword } from '../support/people.ts';
import { createWorld, type World } from '../support/world.ts';

type Method = 'sso' | 'password';
const ways: readonly (readonly Method[])[] = [['sso'], ['password'], ['sso', 'password']];

/** Who is invited: how their other organization lets them in, if there is one, and whether they ever chose a password. */
interface Invited {
  home: readonly Method[] | null;
  hasPassword: boolean;
}
const people: Invited[] = [
  { home: null, hasPassword: false },
  ...ways.flatMap((home) => [true, false].map((hasPassword) => ({ home, hasPassword }))),
];
const cells = ways.flatMap((inviting) =>
  people.flatMap((invited) => inviting.map((by) => ({ ...invited, inviting, by }))),
);
const named = cells.map((cell) => {
  const { home, hasPassword, inviting, by } = cell;
  const who = home ? `${home.join('+')} at home with ${hasPassword ? 'a' : 'no'} password` : 'nobody so far';
  return [`${who}, invited where ${inviting.join('+')} is allowed, by ${by}`, cell] as const;
});

let world: World;
let provider: TestIdentityProvider;
/** By the ways in they allow. */
const tenants = new Map<readonly Method[], { id: string; slug: string; inviter: HttpClient }>();

beforeAll(async () => {
  world = await createWorld();
  const slugs = ways.map((methods) => `by-${methods.join('-or-')}`);
  provider = await startIdentityProvider(...slugs.map((slug) => callbackOf(world, slug)));
  for (const [index, loginMethods] of ways.entries()) {
    const slug = slugs[index] ?? '';
    const email = `first@${slug}.example`;
    const created = await world.support.post('/v1/organizations', {
      kind: 'customer',
      name: slug,
      slug,
      loginMethods,
      ...(loginMethods.includes('sso') && { sso: provider.sso }),
      firstAdministrator: { email, displayName: 'Ada Lovelace' },
    });
    expect(created.status).toBe(201);
    tenants.set(loginMethods, {
      id: created.body.id,
      slug,
      inviter: loginMethods.includes('sso') ? await bySingleSignOn(slug, email) : await bySignUp(email),
    });
  }
}, 120_000);
afterAll(async () => {
  await provider?.stop();
  await world?.stop();
});

async function bySingleSignOn(slug: string, email: string, query = ''): Promise<HttpClient> {
  provider.signsIn({ subject: `subject of ${email} at ${slug}`, email, emailVerified: true, name: 'Somebody' });
  const browser = new Browser();
  await browser.press(`${world.baseUrl}/sso/${slug}/start${query}`, 'text/html');
  return new HttpClient(world.baseUrl, browser.cookie(world.baseUrl, 'countersign') ?? 'cs_session_none');
}

async function mailedToken(email: string, kind: 'invite.sign-up' | 'invite.welcome'): Promise<string> {
  const { text } = await world.mail.waitForMail({ to: email, kind }, 15_000);
  return /cs_invite_[\w-]+/.exec(text)?.[0] ?? '';
}

async function bySignUp(email: string): Promise<HttpClient> {
  const token = await mailedToken(email, 'invite.sign-up');
  const form = { token, username: `user-${randomUUID()}`, password: testPassword };
  expect((await world.visitor.post('/v1/invites/accept', form)).status).toBe(200);
  return signIn(world, email);
}

async function invitedPerson({ home, hasPassword }: Invited): Promise<string> {
  if (home === null) return `nobody-${randomUUID()}@people.example`;
  const at = await organization(world, 'customer');
  const { accountId, email } = await person(world, 'Grace Hopper', [{ in: at, workspaceRole: 'read_only' }]);
  await world.database.transaction(asSystem, async (em) => {
    // The provider there is never asked: what it says proves nothing elsewhere.
    await em.nativeUpdate(Organization, { id: at }, { loginMethods: [...home] });
    if (hasPassword) await setPassword(em, { accountId, username: email, password: testPassword, now: new Date() });
  });
  return email;
}

describe('an invite', () => {
  it.each(named)('is accepted and opens the organization: %s', async (_name, { home, hasPassword, inviting, by }) => {
    const tenant = tenants.get(inviting);
    if (!tenant) throw new Error('No such tenant');
    const email = await invitedPerson({ home, hasPassword });
    const path = `/v1/organizations/${tenant.id}`;
    const invite = { email, administratorRoles: ['read_only_administrator'] };
    expect((await tenant.inviter.post(`${path}/invites`, invite)).status).toBe(201);

    let session: HttpClient;
    if (by === 'sso') {
      const token = await mailedToken(email, 'invite.welcome');
      session = await bySingleSignOn(tenant.slug, email, `?invite=${token}`);
    } else if (home === null) {
      session = await bySignUp(email);
    } else {
      const token = await mailedToken(email, 'invite.welcome');
      const atLink = await world.visitor.post('/v1/invites/accept', { token, password: 'chosen by the link of today' });
      // A first password by the link, an existing one never.
      expect([atLink.status, atLink.body.code]).toEqual(hasPassword ? [409, 'account_exists'] : [200, undefined]);
      session = await signIn(world, email, hasPassword ? testPassword : 'chosen by the link of today');
      if (hasPassword) expect((await session.post('/v1/invites/accept', { token })).status).toBe(200);
    }
    expect(await session.get(path)).toMatchObject({ status: 200, body: { id: tenant.id } });
  });

  it('was tried in every cell there is', () => {
    expect(cells).toHaveLength(28);
  });
});
