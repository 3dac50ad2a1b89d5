import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generateSync } from 'otplib';
import type { Browser } from 'playwright-core';
import { asSystem, AuthenticatorApp, Session } from '#persistence';
import { addMember, createCustomer, createPartner, type OrganizationWithFirst } from '../support/people.ts';
import { createWorld, type World } from '../support/world.ts';
import { openBrowser, openContext, signInAs } from './chromium.ts';

let world: World;
let browser: Browser;
let customer: OrganizationWithFirst;

beforeAll(async () => {
  world = await createWorld();
  customer = await createCustomer(world, await createPartner(world));
  browser = await openBrowser();
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

describe('an authenticator app, without JavaScript', () => {
  it('is set up on one’s own page and asked for at the next sign-in', async () => {
    const person = await addMember(world, customer);
    const context = await openContext(browser, world, { width: 360, javaScript: false });
    const page = await context.newPage();
    await page.goto('/sign-in?return=/sessions');
    await signInAs(page, person);
    await page.getByRole('button', { name: 'Set up an authenticator app' }).click();
    const secret = (await page.locator('code').first().textContent()) ?? '';
    await page.getByLabel('The six digits it shows now').fill('000000');
    await page.getByRole('button', { name: 'Confirm' }).click();
    expect(await page.textContent('body')).toContain('This code is wrong or has been used');
    await page.getByRole('button', { name: 'Set up an authenticator app' }).click();
    const second = (await page.locator('code').first().textContent()) ?? '';
    expect(second).not.toBe(secret);
    await page.getByLabel('The six digits it shows now').fill(generateSync({ secret: second }));
    await page.getByRole('button', { name: 'Confirm' }).click();
    expect(await page.locator('li code').count()).toBe(10);

    await context.clearCookies();
    await page.goto('/sign-in?return=/sessions');
    await signInAs(page, person);
    expect(await page.textContent('h1')).toBe('One more proof');
    await page.getByLabel('Digits of the app').fill('000000');
    await page.getByRole('button', { name: 'Sign in' }).click();
    expect(await page.textContent('h1')).toBe('One more proof');
    await world.database.transaction(asSystem, (em) =>
      em.nativeUpdate(AuthenticatorApp, { accountId: person.accountId }, { lastTimeStep: null }),
    );
    await page.getByLabel('Digits of the app').fill(generateSync({ secret: second }));
    await page.getByRole('button', { name: 'Sign in' }).click();
    expect(new URL(page.url()).pathname).toBe('/sessions');
    await context.close();
  });
});

describe('a proof that a decision asks for, without JavaScript', () => {
  it('comes back to the form, with what was typed in it', async () => {
    const partner = await createPartner(world);
    const home = await createCustomer(world, partner);
    const agent = await addMember(world, partner, { administratorRoles: ['help_desk_advanced'] });
    const asked = await agent.http.post('/v1/elevations', { customerId: home.id, reason: 'A ticket' });
    const elevation = `/v1/elevations/${asked.body.id}`;
    await home.first.http.patch(`/v1/organizations/${home.id}`, { policy: { approvalAssurance: 'recent' } });
    const context = await openContext(browser, world, { width: 360, javaScript: false });
    const page = await context.newPage();
    await page.goto(`/sign-in?return=/elevations/${asked.body.id}`);
    await signInAs(page, home.first);
    const stale = new Date(Date.now() - 3600_000);
    await world.database.transaction(asSystem, (em) =>
      em.nativeUpdate(Session, { accountId: home.first.accountId }, { authenticatedAt: stale, secondFactorAt: null }),
    );
    await page.getByLabel('15 minutes').check();
    await page.getByRole('button', { name: /^Grant/ }).click();
    expect(await page.textContent('h1')).toBe('Prove who you are');
    expect((await agent.http.get(elevation)).body.status).toBe('pending');
    await page.getByLabel('Password').fill('not this one');
    await page.getByRole('button', { name: 'Prove it by password' }).click();
    expect(await page.getByRole('alert').textContent()).toContain('Name or password is not right');
    await page.getByLabel('Password').fill(home.first.password);
    await page.getByRole('button', { name: 'Prove it by password' }).click();
    expect(await page.textContent('h1')).toBe('Thank you, that is you');
    expect((await agent.http.get(elevation)).body.status).toBe('pending');
    await page.getByRole('button', { name: 'Go on with it' }).click();
    const { grant, status } = (await agent.http.get(elevation)).body;
    expect(status).toBe('approved');
    expect(Date.parse(grant.expiresAt) - Date.parse(grant.startsAt)).toBe(900_000);
    await context.close();
  }, 60_000);
});
