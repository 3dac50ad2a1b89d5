import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import {
  callbackOf,
  startIdentityProvider,
  type Identity,
  type TestIdentityProvider,
} from '../support/identity-provider.ts';
import { createWorld, type World } from '../support/world.ts';
import { linkIn, openBrowser, openContext } from './chromium.ts';

let world: World;
let browser: Browser;
let acmesProvider: TestIdentityProvider;
let globexsProvider: TestIdentityProvider;

const ada: Identity = {
  subject: 'subject-of-ada',
  email: 'ada@acme.example',
  emailVerified: true,
  name: 'Ada Lovelace',
};

beforeAll(async () => {
  world = await createWorld();
  browser = await openBrowser();
  acmesProvider = await startIdentityProvider(callbackOf(world, 'acme'));
  globexsProvider = await startIdentityProvider(callbackOf(world, 'globex'));
  await createTenant('Acme', acmesProvider, ada.email);
  await createTenant('Globex', globexsProvider, 'carl@globex.example');
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await acmesProvider?.stop();
  await globexsProvider?.stop();
  await world?.stop();
});

async function createTenant(name: string, { sso }: TestIdentityProvider, email: string): Promise<void> {
  const created = await world.support.post('/v1/organizations', {
    kind: 'customer',
    name,
    slug: name.toLowerCase(),
    loginMethods: ['sso'],
    sso,
    firstAdministrator: { email, displayName: 'As invited' },
  });
  expect(created.status).toBe(201);
}

describe('single sign-on in the browser', () => {
  it('leads from the welcome mail over the company’s own sign-in to the start, and back in by the short name', async () => {
    const mail = await world.mail.waitForMail({ to: ada.email, kind: 'invite.welcome' });
    acmesProvider.signsIn(ada);
    const context = await openContext(browser, world, { width: 360, javaScript: false });
    const page = await context.newPage();
    await page.goto(linkIn(mail.text, /^\/sso\//));
    await page.getByRole('button', { name: 'Continue to acme' }).click();
    await page.getByRole('heading', { level: 1, name: 'Hello Ada Lovelace' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/');
    await page.getByRole('heading', { level: 3, name: 'Acme' }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You are signed out.').waitFor();

    await page.goto('/sessions');
    await page.getByLabel('Short name of your organization').fill('acme');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('button', { name: 'Continue to acme' }).click();
    // Where it was wanted before.
    await page.getByRole('heading', { level: 1, name: 'Your sessions' }).waitFor();
    await page.getByText('by single sign-on').waitFor();
    await context.close();
  });

  it('lets nobody in whom another company’s provider names, and says so in plain words', async () => {
    globexsProvider.signsIn(ada);
    const context = await openContext(browser, world, { width: 1280 });
    const page = await context.newPage();
    await page.goto('/sso/globex/start');
    await page.getByRole('button', { name: 'Continue to globex' }).click();
    await page.getByRole('heading', { level: 1, name: 'You are not a member of this organization' }).waitFor();
    await page.getByText('Ask an Owner or a full administrator of the organization for an invite.').waitFor();
    // Not with her account at Acme either: the address alone is nobody.
    await page.getByRole('link', { name: 'Go to the start' }).click();
    await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
    await context.close();
  });

  it('says plainly when the provider cannot be reached, and what is left to do', async () => {
    await globexsProvider.stop();
    const context = await openContext(browser, world, { width: 360 });
    const page = await context.newPage();
    await page.goto('/sso/globex/start');
    const answered = page.waitForResponse((response) => response.request().method() === 'POST');
    await page.getByRole('button', { name: 'Continue to globex' }).click();
    expect((await answered).status()).toBe(503);
    await page.getByRole('heading', { level: 1, name: /identity provider .* cannot be reached/ }).waitFor();
    await context.close();
  });
});
