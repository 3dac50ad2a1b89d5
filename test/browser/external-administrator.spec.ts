import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { addMember, createCustomer, createPartner, mayWrite, type OrganizationWithFirst } from '../support/people.ts';
import { createWorld, type World } from '../support/world.ts';
import { linkIn, openBrowser, openContext, signInAs } from './chromium.ts';

let world: World;
let browser: Browser;
/** Manages the customer already. */
let seller: OrganizationWithFirst;
let partner: OrganizationWithFirst;

beforeAll(async () => {
  world = await createWorld();
  browser = await openBrowser();
  seller = await createPartner(world, 'Southwind');
  partner = await createPartner(world, 'Northwind');
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

const requesterOf = (displayName: string) =>
  addMember(world, partner, { displayName, administratorRoles: ['partner_administrator'] });

const devices = [
  { name: 'with JavaScript at 1280 px', width: 1280, javaScript: true },
  { name: 'without JavaScript at 360 px', width: 360, javaScript: false },
];

async function expectNoSidewaysScrolling(page: Page): Promise<void> {
  expect(await page.evaluate<boolean>('document.documentElement.scrollWidth > window.innerWidth')).toBe(false);
}

/** A day a month from now, as a date field takes it. */
const inAMonth = (): string => new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);

describe('an external administrator in the browser', () => {
  it.each(devices)(
    'is let in from the mail, a mistyped address being no harm, and put out with one click, $name',
    async ({ width, javaScript }) => {
      const customer = await createCustomer(world, seller, 'Harbour');
      const requester = await requesterOf('Grace Hopper');
      const asked = await requester.http.post('/v1/external-administrator-requests', {
        customerId: customer.id,
        addressedTo: customer.first.email,
        reason: 'Order 4711: we set the services up.',
      });
      const mail = await world.mail.waitForMail({
        to: customer.first.email,
        kind: 'external-administrator.requested',
      });
      const context = await openContext(browser, world, { width, javaScript });
      const page = await context.newPage();
      await page.goto(linkIn(mail.text, /^\/external-administrator-requests\//));
      await signInAs(page, customer.first);
      await page.getByRole('heading', { level: 1, name: 'Grace Hopper asks to administer Harbour' }).waitFor();
      await page.getByText('Order 4711: we set the services up.').waitFor();
      // To be typed, not copied.
      expect(await page.getByText(requester.email).count()).toBe(0);
      await expectNoSidewaysScrolling(page);

      const until = inAMonth();
      await page.getByLabel('E-mail address of Grace Hopper').fill(`x${requester.email}`);
      await page.getByLabel('Read-only administrator').check();
      await page.getByLabel('Last day (optional)').fill(until);
      await page.getByRole('button', { name: 'Approve' }).click();
      await page.getByRole('alert').getByText('The typed address is not the address of the person who asks').waitFor();
      expect(await page.getByLabel('E-mail address of Grace Hopper').inputValue()).toBe(`x${requester.email}`);
      expect(await page.getByLabel('Read-only administrator').isChecked()).toBe(true);
      expect(await page.getByLabel('Last day (optional)').inputValue()).toBe(until);
      await expectNoSidewaysScrolling(page);

      await page.getByLabel('E-mail address of Grace Hopper').fill(requester.email);
      await page.getByLabel('Full administrator').check();
      await page.getByRole('button', { name: 'Approve' }).click();
      await page.getByRole('heading', { level: 1, name: 'Grace Hopper administers Harbour' }).waitFor();
      expect(await page.getByText(/^Full administrator; until /).count()).toBe(1);
      const { access } = (await customer.first.http.get(`/v1/external-administrator-requests/${asked.body.id}`)).body;
      expect(access).toMatchObject({ role: 'full_administrator', until: `${until}T23:59:59.999Z` });
      expect(await mayWrite(requester, customer.id)).toBe(true);

      await page.getByRole('button', { name: 'End the access' }).click();
      await page.getByText('The access has ended.').waitFor();
      expect(await mayWrite(requester, customer.id)).toBe(false);
      await page.goto(`/external-administrator-requests/${asked.body.id}`);
      await page.getByRole('heading', { level: 1, name: 'Grace Hopper no longer administers Harbour' }).waitFor();
      await context.close();
    },
  );

  it('whose mails got lost is told to the customer, who sends them again without JavaScript', async () => {
    const customer = await createCustomer(world, seller, 'Quay');
    const requester = await requesterOf('Alan Turing');
    world.mail.failNext(1, 'reject-5xx', customer.first.email);
    const request = { customerId: customer.id, reason: 'Order 4712.' };
    const { id } = (await requester.http.post('/v1/external-administrator-requests', request)).body as { id: string };
    const context = await openContext(browser, world, { width: 360, javaScript: false });
    const page = await context.newPage();
    await page.goto('/sign-in');
    await signInAs(page, customer.first);
    // No mail came; the start leads there all the same.
    await page.getByRole('link', { name: 'Look at it: Alan Turing asks to administer Quay' }).click();
    const lost = page.getByRole('region', { name: 'Not everybody could be told by mail' });
    for (let looks = 0; looks < 50 && (await lost.count()) === 0; looks += 1) {
      await page.waitForTimeout(200);
      await page.reload();
    }
    expect(await lost.getByRole('listitem').allTextContents()).toEqual(['The request for a decision, to Quay First']);
    await expectNoSidewaysScrolling(page);
    await lost.getByRole('button', { name: 'Send again' }).click();
    await page.getByText('The mails are being sent again.').waitFor();
    await world.mail.waitForMail({ to: customer.first.email, kind: 'external-administrator.requested' });
    for (let looks = 0; looks < 50 && (await lost.count()) > 0; looks += 1) {
      await page.waitForTimeout(200);
      await page.reload();
    }
    expect(await lost.count()).toBe(0);

    // The partner is not told what became of a customer's mails before it is let in.
    const requestersContext = await openContext(browser, world, { width: 360 });
    const requestersPage = await requestersContext.newPage();
    await requestersPage.goto(`/external-administrator-requests/${id}`);
    await signInAs(requestersPage, requester);
    await requestersPage.getByRole('heading', { level: 1, name: 'Waiting for the customer to decide' }).waitFor();
    expect(await requestersPage.getByText('Not everybody could be told by mail').count()).toBe(0);
    await requestersContext.close();
    await context.close();
  });
});
