import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { eventually } from '../support/eventually.ts';
import {
  addMember,
  createCustomer,
  createPartner,
  mayWrite,
  type OrganizationWithFirst,
  type Person,
} from '../support/people.ts';
import { createWorld, type World } from '../support/world.ts';
import { openBrowser, openContext, signInAs } from './chromium.ts';

let world: World;
let browser: Browser;
let partner: OrganizationWithFirst;
let customer: OrganizationWithFirst;
let agent: Person;

beforeAll(async () => {
  world = await createWorld();
  browser = await openBrowser();
  partner = await createPartner(world);
  customer = await createCustomer(world, partner, 'Harbour');
  agent = await addMember(world, partner, { displayName: 'Grace Hopper', administratorRoles: ['help_desk_advanced'] });
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

describe('a help-desk agent in the browser', () => {
  it('finds a customer, looks into it, asks to change something, waits, works, and gives it back', async () => {
    await createCustomer(world, partner, 'Airport');
    const context = await openContext(browser, world, { width: 360 });
    const page = await context.newPage();
    await page.goto('/help-desk');
    await signInAs(page, agent);
    await page.getByLabel('Find a customer').fill('harb');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByRole('heading', { name: '1 customer for “harb”' }).waitFor();
    await page.getByRole('link', { name: 'Look into it: Harbour' }).click();
    await page.getByLabel('Why do you look into it?').fill('The reception phones are dead.');
    await page.getByRole('button', { name: 'Open the session' }).click();
    await page.getByRole('heading', { level: 1, name: 'You look into Harbour' }).waitFor();
    expect(await mayWrite(agent, customer.id)).toBe(false);

    await page.getByRole('link', { name: 'Ask for access to change' }).click();
    await page.getByLabel('Why do you need access?').fill('A device profile needs a change.');
    await page.getByRole('button', { name: 'Send the request' }).click();
    await page.getByRole('heading', { level: 1, name: 'Waiting for Harbour to decide' }).waitFor();
    const id = new URL(page.url()).pathname.split('/').at(-1);
    await customer.first.http.post(`/v1/elevations/${id}/approve`);
    // Nobody reloads: the page notices.
    await page.getByRole('heading', { level: 1, name: 'You have access to Harbour' }).waitFor();
    expect(await mayWrite(agent, customer.id)).toBe(true);

    await page.goto('/help-desk');
    expect(await page.locator('#now ~ ul h3').allTextContents()).toEqual(['Harbour access open', 'Harbour session']);
    await page.getByRole('link', { name: 'Open your access to Harbour' }).click();
    await page.getByRole('button', { name: 'Give the access back' }).click();
    await page.getByText('You gave the access back. Thank you.').waitFor();
    await page.getByRole('heading', { level: 1, name: 'Grace Hopper gave the access back' }).waitFor();
    expect(await mayWrite(agent, customer.id)).toBe(false);
    await page.goto('/help-desk');
    await page.getByRole('link', { name: 'Open your session with Harbour' }).click();
    await page.getByRole('button', { name: 'Close the session' }).click();
    await page.getByRole('heading', { level: 1, name: 'This help-desk session is over' }).waitFor();
    await context.close();
  });

  it('sees while waiting that nobody could be told, and has the mail sent again', async () => {
    const quay = await createCustomer(world, partner, 'Quay');
    world.mail.failNext(1, 'reject-5xx', quay.first.email);
    const asked = await agent.http.post('/v1/elevations', { customerId: quay.id, reason: 'A lost mail.' });
    const context = await openContext(browser, world, { width: 1280 });
    const page = await context.newPage();
    await page.goto(`/elevations/${asked.body.id}`);
    await signInAs(page, agent);
    const lost = page.getByRole('region', { name: 'Not everybody could be told by mail' });
    // It comes by itself, and goes again by itself once the mail was taken.
    await lost.getByText('The request for a decision, to Quay First').waitFor();
    await lost.getByRole('button', { name: 'Send again' }).click();
    await page.getByText('The mails are being sent again.').waitFor();
    await lost.waitFor({ state: 'detached' });
    const { text } = await world.mail.waitForMail({ to: quay.first.email, kind: 'elevation.requested' });
    expect(text).toContain('A lost mail.');
    await context.close();
  });

  it('is denied as unexpected: the customer sees that a warning was lost, but not with whom of the partner', async () => {
    const wharf = await createCustomer(world, partner, 'Wharf');
    const asked = await agent.http.post('/v1/elevations', { customerId: wharf.id, reason: 'Unexpected.' });
    world.mail.failNext(1, 'reject-5xx', partner.first.email);
    const path = `/elevations/${asked.body.id}`;
    await wharf.first.http.post(`/v1${path}/deny`, { unexpected: true });
    await eventually(async () =>
      expect((await wharf.first.http.get(`/v1${path}`)).body.notifications).toMatchObject({ undeliverable: 1 }),
    );
    const context = await openContext(browser, world, { width: 360, javaScript: false });
    const page = await context.newPage();
    await page.goto(path);
    await signInAs(page, wharf.first);
    const lost = page.getByRole('region', { name: 'Not everybody could be told by mail' });
    expect(await lost.getByRole('listitem').allTextContents()).toEqual([
      'The warning of an unexpected request, to 1 administrator',
    ]);
    expect(await page.getByText(partner.first.displayName).count()).toBe(0);
    await context.close();
  });
});
