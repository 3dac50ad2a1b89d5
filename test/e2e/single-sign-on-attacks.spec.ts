import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asSystem, Organization } from '#persistence';
import { Browser } from '../support/browser.ts';
import { HttpClient } from '../support/http-client.ts';
import {
  callbackOf,
  startIdentityProvider,
  type Identity,
  type TestIdentityProvider,
} from '../support/identity-provider.ts';
import { startRoguePages, type RoguePages } from '../support/rogue-pages.ts';
import { startSigningIssuer, type SigningIssuer } from '../support/signing-issuer.ts';
import { createWorld, type World } from '../support/world.ts';

/** Mallory administers a tenant of her own, with a provider of her own; Vera belongs to the victim. */
const vera: Identity = { subject: 'vera', email: 'vera@victim.example', emailVerified: true, name: 'Vera' };
const mallory: Identity = { subject: 'mallory', email: 'mallory@evil.example', emailVerified: true, name: 'Mallory' };

let world: World;
let victimsProvider: TestIdentityProvider;
let evilProvider: TestIdentityProvider;
let rogue: RoguePages;

beforeAll(async () => {
  world = await createWorld();
  victimsProvider = await startIdentityProvider(callbackOf(world, 'victim'));
  evilProvider = await startIdentityProvider(callbackOf(world, 'evil'));
  rogue = await startRoguePages();
  await createTenant('victim', victimsProvider.sso, vera.email);
  await createTenant('evil', evilProvider.sso, mallory.email);
  // Vera and Mallory have been here before.
  await signedIn('victim', victimsProvider, vera);
  await signedIn('evil', evilProvider, mallory);
}, 120_000);
afterAll(async () => {
  await rogue?.stop();
  await victimsProvider?.stop();
  await evilProvider?.stop();
  await world?.stop();
});

async function createTenant(slug: string, sso: TestIdentityProvider['sso'], email: string): Promise<void> {
  const created = await world.support.post('/v1/organizations', {
    kind: 'customer',
    name: slug,
    slug,
    loginMethods: ['sso'],
    sso,
    firstAdministrator: { email, displayName: slug },
  });
  expect(created.status).toBe(201);
}

const start = (slug: string) => `${world.baseUrl}/sso/${slug}/start`;
const sessionIn = (browser: Browser) => browser.cookie(world.baseUrl, 'countersign');

async function signedIn(slug: string, provider: TestIdentityProvider, who: Identity): Promise<Browser> {
  provider.signsIn(who);
  const browser = new Browser();
  const end = await browser.press(start(slug), 'text/html');
  expect(end.status).toBe(200);
  expect(sessionIn(browser)).toBeDefined();
  return browser;
}

async function accountIn(browser: Browser): Promise<string> {
  return (await new HttpClient(world.baseUrl, sessionIn(browser) ?? '').get('/v1/me')).body.account.email;
}

/** The victim's browser comes to Mallory's tenant; her "provider" sends it wherever she wants. */
async function lureThrough(authorize: (ours: URL) => URL, browser = new Browser()) {
  rogue.authorize = authorize;
  return browser.press(start('rogue'));
}

describe('a provider that sends people on to another tenant’s provider (mix-up)', () => {
  beforeAll(async () => {
    await createTenant('rogue', rogue.sso, 'first@rogue.example');
    victimsProvider.signsIn(vera);
  });

  /** What Mallory began in her own browser, at the victim's tenant. */
  async function begunByMallory(): Promise<URL> {
    const { url } = await new Browser().press(
      start('victim'),
      'text/html',
      ({ origin }) => origin === victimsProvider.sso.issuer,
    );
    return url;
  }

  it('gets no code: the victim’s provider sends it to the victim’s own address, where this browser began nothing', async () => {
    const herOwn = await begunByMallory();
    const end = await lureThrough(({ searchParams }) => {
      const stolen = new URL(herOwn);
      stolen.searchParams.set('state', searchParams.get('state') ?? '');
      return stolen;
    });
    expect(end.url.pathname).toBe('/sso/victim/callback');
    expect(end).toMatchObject({ status: 400, body: { code: 'sso_transaction_lost' } });
    expect(rogue.codes).toEqual([]);
  });

  it('gets no code at its own address either: that is not registered with the victim’s provider', async () => {
    const herOwn = await begunByMallory();
    const end = await lureThrough((ours) => {
      const stolen = new URL(herOwn);
      for (const name of ['state', 'redirect_uri']) stolen.searchParams.set(name, ours.searchParams.get(name) ?? '');
      return stolen;
    });
    expect(end.url.origin).toBe(victimsProvider.sso.issuer);
    expect(end.status).toBe(400);
    expect(rogue.codes).toEqual([]);
  });

  it('gets no code by naming the victim’s provider in its own metadata', async () => {
    rogue.metadata = { authorization_endpoint: `${victimsProvider.sso.issuer}/auth` };
    try {
      const end = await lureThrough((ours) => ours);
      expect(end.url.origin).toBe(victimsProvider.sso.issuer);
      expect(end.status).toBe(400);
      expect(rogue.codes).toEqual([]);
    } finally {
      rogue.metadata = {};
    }
  });

  it('is found out by `iss` where an answer of one provider comes back in the name of another (RFC 9207)', async () => {
    const end = await lureThrough((ours) => {
      const back = new URL(ours.searchParams.get('redirect_uri') ?? '');
      back.searchParams.set('state', ours.searchParams.get('state') ?? '');
      back.searchParams.set('code', 'a-code-of-the-victims-provider');
      back.searchParams.set('iss', victimsProvider.sso.issuer);
      return back;
    });
    expect(end).toMatchObject({ status: 401, body: { code: 'sso_failed' } });
    expect(rogue.codes).toEqual([]);
  });

  it('is found out by a missing `iss` where its provider says that it sends one', async () => {
    rogue.metadata = { authorization_response_iss_parameter_supported: true };
    try {
      const end = await lureThrough((ours) => {
        const back = new URL(ours.searchParams.get('redirect_uri') ?? '');
        back.searchParams.set('state', ours.searchParams.get('state') ?? '');
        back.searchParams.set('code', 'a-code');
        return back;
      });
      expect(end).toMatchObject({ status: 401, body: { code: 'sso_failed' } });
      expect(rogue.codes).toEqual([]);
    } finally {
      rogue.metadata = {};
    }
  });
});

describe('a sign-in under way', () => {
  let changing: SigningIssuer;
  beforeAll(async () => {
    changing = await startSigningIssuer({ sub: 'first', email: 'first@changing.example' });
  });
  afterAll(() => changing?.stop());

  it('succeeds in each of two tabs of one browser, whichever comes back first', async () => {
    victimsProvider.signsIn(vera);
    const browser = new Browser();
    const atProvider = ({ origin }: URL) => origin === victimsProvider.sso.issuer;
    const one = await browser.press(`${start('victim')}?return=/sessions`, 'text/html', atProvider);
    const other = await browser.press(start('victim'), 'text/html', atProvider);
    expect((await browser.open(other.url.href, 'text/html')).url.pathname).toBe('/');
    expect((await browser.open(one.url.href, 'text/html')).url.pathname).toBe('/sessions');
    // Each once: the same way again leads to an answer that nobody is waiting for.
    expect((await browser.open(one.url.href, 'text/html')).status).toBe(400);
  });

  it('succeeds in the latest of many tabs, and the browser keeps no more than eight', async () => {
    const browser = new Browser();
    const sentBack = ({ pathname }: URL) => pathname === '/sso/victim/callback';
    let last = new URL(world.baseUrl);
    for (let tab = 0; tab < 12; tab += 1) last = (await browser.press(start('victim'), 'text/html', sentBack)).url;
    const kept = browser
      .cookiesFor(world.baseUrl)
      .split('; ')
      .filter((one) => one.startsWith('countersign-sso-'));
    expect(kept).toHaveLength(8);
    expect((await browser.open(last.href, 'text/html')).status).toBe(200);
  });

  it('ends at no other organization than it was begun at', async () => {
    const browser = new Browser();
    evilProvider.signsIn(mallory);
    const { url } = await browser.press(start('evil'), 'text/html', ({ pathname }) => pathname.endsWith('/callback'));
    const elsewhere = url.href.replace('/sso/evil/', '/sso/victim/');
    expect(await browser.open(elsewhere)).toMatchObject({ status: 400, body: { code: 'sso_transaction_lost' } });
  });

  it('is lost when the organization changes its provider in between', async () => {
    await createTenant('changing', changing.sso, 'first@changing.example');
    const first = new Browser();
    await first.press(start('changing'), 'text/html');
    const { url } = await first.press(start('changing'), 'text/html', ({ pathname }) => pathname.endsWith('/callback'));
    await world.database.transaction(asSystem, async (em) => {
      const organization = await em.findOneOrFail(Organization, { slug: 'changing' });
      if (organization.sso) organization.sso = { ...organization.sso, clientId: 'another' };
    });
    expect(await first.open(url.href)).toMatchObject({ status: 400, body: { code: 'sso_transaction_lost' } });
  });
});

describe('signing a browser in', () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };

  it('begins with no address that another site can lead to: a page with a button comes first', async () => {
    evilProvider.signsIn(mallory);
    const browser = await signedIn('victim', victimsProvider, vera);
    const page = await browser.open(`${start('evil')}?return=/sessions`, 'text/html');
    expect(page).toMatchObject({ status: 200, body: expect.stringContaining('Continue to evil') });
    expect(page.url.pathname).toBe('/sso/evil/start');
    expect(await accountIn(browser)).toBe(vera.email);
  });

  it('begins with no form that another site sends, with somebody else’s token or none', async () => {
    const malloryBrowser = await signedIn('evil', evilProvider, mallory);
    const { body } = await malloryBrowser.open(start('evil'), 'text/html');
    const [, token = ''] = /name="form_token" value="([^"]+)"/.exec(String(body)) ?? [];
    const veraBrowser = await signedIn('victim', victimsProvider, vera);
    const cookie = veraBrowser.cookiesFor(world.baseUrl);
    for (const sent of ['', `form_token=${encodeURIComponent(token)}`]) {
      const answer = await world.visitor.post('/sso/evil/start', sent, { ...form, cookie });
      expect(answer.status).toBe(403);
      expect(answer.headers.get('refresh')).toBeNull();
      expect(answer.headers.getSetCookie().filter((one) => one.startsWith('countersign-sso-'))).toEqual([]);
    }
  });

  it('does not end with an answer that Mallory’s browser began and Vera’s brings back', async () => {
    evilProvider.signsIn(mallory);
    const hers = new Browser();
    const { url } = await hers.press(start('evil'), 'text/html', ({ pathname }) => pathname === '/sso/evil/callback');
    const browser = await signedIn('victim', victimsProvider, vera);
    expect((await browser.open(url.href)).status).toBe(400);
    expect(await accountIn(browser)).toBe(vera.email);
  });

  it('gives no program a code without the click either', async () => {
    const challenge = randomBytes(32).toString('base64url');
    victimsProvider.signsIn(vera);
    const redirect = encodeURIComponent('http://127.0.0.1:9/done');
    const page = await new Browser().open(
      `${start('victim')}?codeChallenge=${challenge}&redirectUri=${redirect}`,
      'text/html',
    );
    expect(page).toMatchObject({ status: 200, body: expect.stringContaining('A program on this computer') });
  });
});
