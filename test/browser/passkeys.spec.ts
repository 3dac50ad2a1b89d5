import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { asSystem, Session } from '#persistence';
import { addMember, createCustomer, createPartner, type OrganizationWithFirst } from '../support/people.ts';
import { createWorld, type World } from '../support/world.ts';
import { openBrowser, openContext, signInAs } from './chromium.ts';

let world: World;
let browser: Browser;
let customer: OrganizationWithFirst;

beforeAll(async () => {
  world = await createWorld({ host: 'localhost' });
  customer = await createCustomer(world, await createPartner(world));
  browser = await openBrowser();
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

/** A device that unlocks itself for its person and keeps passkeys; `locked` while it does not know them. */
async function withDevice(page: Page) {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    knowsItsPerson: (isUserVerified: boolean) =>
      session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
    passkeys: async () => (await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
  };
}

const button = (page: Page, name: string) => page.getByRole('button', { name });

describe('a passkey', () => {
  it('is made on one’s own page, signs in without a name, proves who one is, and is removed', async () => {
    const person = await addMember(world, customer);
    const context = await openContext(browser, world, { width: 1280 });
    const page = await context.newPage();
    const device = await withDevice(page);
    await page.goto('/sign-in?return=/sessions');
    await signInAs(page, person);
    await page.getByLabel('A name for the device').fill('Work laptop');
    await button(page, 'Add a passkey').click();
    await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor();
    expect(await page.locator('li code').count()).toBe(10);
    expect(await device.passkeys()).toHaveLength(1);
    await page.goto('/sessions');
    expect(await page.textContent('body')).toContain('Passkey Work laptop');

    await context.clearCookies();
    await page.goto('/sign-in?return=/sessions');
    await button(page, 'Use a passkey').click();
    await page.getByRole('heading', { name: 'Your sessions' }).waitFor();
    expect(await page.textContent('body')).toContain('by passkey');

    // An hour later the proof is stale.
    const stale = new Date(Date.now() - 3600_000);
    await world.database.transaction(asSystem, (em) =>
      em.nativeUpdate(Session, { accountId: person.accountId }, { authenticatedAt: stale, secondFactorAt: stale }),
    );
    await button(page, 'Remove the passkey Work laptop').click();
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').textContent()).toContain('a fresh proof of who you are is needed');
    await button(page, 'Prove it by a passkey').click();
    await page.getByRole('status').filter({ hasText: 'You have ten minutes' }).waitFor();
    await button(page, 'Remove the passkey Work laptop').click();
    await page.getByText('It is removed.').waitFor();
    expect(await page.textContent('body')).not.toContain('Work laptop');

    // The device still has it and offers it; here nobody knows it any more.
    expect(await device.passkeys()).toHaveLength(1);
    await context.clearCookies();
    await page.goto('/sign-in?return=/sessions');
    await button(page, 'Use a passkey').click();
    await page.getByRole('alert').filter({ hasText: 'This passkey was not accepted' }).waitFor();
    await page.goto('/sessions');
    expect(new URL(page.url()).pathname).toBe('/sign-in');
    await context.close();
  }, 60_000);

  it('is the second proof after a password, and a device that does not know its person gives none', async () => {
    const person = await addMember(world, customer);
    const context = await openContext(browser, world, { width: 360 });
    const page = await context.newPage();
    const device = await withDevice(page);
    await page.goto('/sign-in?return=/sessions');
    await signInAs(page, person);
    await button(page, 'Add a passkey').click();
    await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor();

    await context.clearCookies();
    await page.goto('/sign-in?return=/sessions');
    await signInAs(page, person);
    await page.getByRole('heading', { name: 'One more proof' }).waitFor();
    await device.knowsItsPerson(false);
    await button(page, 'Use a passkey').click();
    await page.getByText('No passkey was used').waitFor();
    await device.knowsItsPerson(true);
    await button(page, 'Use a passkey').click();
    await page.getByRole('heading', { name: 'Your sessions' }).waitFor();
    await context.close();
  }, 60_000);

  it('is not offered where there is no JavaScript: everything else is', async () => {
    const context = await openContext(browser, world, { width: 360, javaScript: false });
    const page = await context.newPage();
    await page.goto('/sign-in');
    expect(await button(page, 'Use a passkey').isVisible()).toBe(false);
    expect(await button(page, 'Sign in').first().isVisible()).toBe(true);
    await context.close();
  });
});
