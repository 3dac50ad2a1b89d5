import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import {
  addMember,
  createCustomer,
  createPartner,
  mayWrite,
  type OrganizationWithFirst,
  type Person,
} from '../support/people.ts';
import { createWorld, type World } from '../support/world.ts';
import { linkIn, openBrowser, openContext, signInAs } from './chromium.ts';

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
});
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

const devices = [
  { how: 'with JavaScript at 1280 px', width: 1280, javaScript: true },
  { how: 'without JavaScript at 360 px', width: 360, javaScript: false },
];

async function pageOf(person: Person, device: { width: number; javaScript: boolean }): Promise<Page> {
  const page = await (await openContext(browser, world, device)).newPage();
  await page.goto('/sign-in');
  await signInAs(page, person);
  await page.getByRole('heading', { level: 1, name: /^Hello/ }).waitFor();
  return page;
}

/** As an old browser, or a program, would send it. */
const withoutLimits = (page: Page) =>
  page.evaluate('document.querySelectorAll("[maxlength]").forEach((field) => field.removeAttribute("maxlength"))');

/** The field is marked, has the focus, and is described by what is wrong; nothing else of the page is wrong. */
async function expectMarked(
  page: Page,
  label: string | RegExp,
  words: string | RegExp,
  withAxe: boolean,
): Promise<void> {
  await page.getByRole('alert').waitFor();
  expect(await page.title()).toMatch(/^Not sent yet: /);
  const field = page.getByLabel(label).first();
  expect(await field.getAttribute('aria-invalid')).toBe('true');
  const [described = ''] = ((await field.getAttribute('aria-describedby')) ?? '').split(' ');
  expect(await page.locator(`[id="${described}"]`).textContent()).toMatch(words);
  expect(await page.evaluate<string>('document.activeElement.id')).toBe(await field.getAttribute('id'));
  expect(await page.locator('[aria-invalid]').count()).toBe(1);
  // Axe is a script of the page itself.
  if (withAxe) {
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
    expect(violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)])).toEqual([]);
  }
  expect(await page.evaluate<boolean>('document.documentElement.scrollWidth > window.innerWidth')).toBe(false);
}

describe('a form that is not right yet', () => {
  it.each(devices)('says at the field what is missing, and keeps what was typed, $how', async (device) => {
    const page = await pageOf(customer.first, device);
    await page.goto(`/organizations/${customer.id}/invite`);
    await page.getByLabel('E-mail address').fill('ada@harbour');
    await page.getByLabel('Name (optional)').fill('Ada "the <first>"');
    await page.locator('input[value=read_only]').check();
    await page.getByRole('button', { name: 'Send the invite' }).click();
    await expectMarked(page, 'E-mail address', 'Write an e-mail address such as ada@example.com', device.javaScript);
    expect(await page.getByLabel('E-mail address').inputValue()).toBe('ada@harbour');
    expect(await page.getByLabel('Name (optional)').inputValue()).toBe('Ada "the <first>"');
    expect(await page.locator('input[value=read_only]').isChecked()).toBe(true);
    expect(new URL(page.url()).pathname).toBe(`/organizations/${customer.id}/invite`);

    await page.goto('/account');
    await page.getByLabel('Name').first().fill('   ');
    await page.getByRole('button', { name: /name/i }).first().click();
    await expectMarked(page, 'Name', 'This is missing', device.javaScript);

    // Put right, it goes through.
    await page.getByLabel('Name').first().fill('Harbour First');
    await page.getByRole('button', { name: /name/i }).first().click();
    await page.locator('main > .notice.good').waitFor();
    await page.context().close();
  });

  it.each(devices)(
    'is shown again on its own page where the words are refused before anything else, $how',
    async (device) => {
      const id = (await agent.http.post('/v1/elevations', { customerId: customer.id, reason: 'A form.' })).body
        .id as string;
      await customer.first.http.post(`/v1/elevations/${id}/approve`);
      const page = await pageOf(customer.first, device);
      await page.goto(`/elevations/${id}`);
      const long = `Over. ${'x'.repeat(2000)}`;
      await withoutLimits(page);
      await page.getByLabel('Reason (optional)').fill(long);
      await page.getByRole('button', { name: 'End the access' }).click();
      await expectMarked(page, 'Reason (optional)', 'This is too long: 2000 characters at most', device.javaScript);
      expect(await page.getByLabel('Reason (optional)').inputValue()).toBe(long);
      await page.getByRole('heading', { level: 1 }).waitFor();
      // The address is the form's; what the page says about the access is what counts.
      expect(await mayWrite(agent, customer.id)).toBe(true);
      await page.getByLabel('Reason (optional)').fill('Over.');
      await page.getByRole('button', { name: 'End the access' }).click();
      await page.locator('main > .notice.good').waitFor();
      expect(await mayWrite(agent, customer.id)).toBe(false);
      await page.context().close();
    },
  );

  it.each(devices)('opens what hides the field, and asks for one of the choices, $how', async (device) => {
    const seller = await createPartner(world, 'Southwind');
    const asked = { customerId: customer.id, reason: 'Order 4711.' };
    const made = await seller.first.http.post('/v1/external-administrator-requests', asked);
    const page = await pageOf(customer.first, device);
    await page.goto(`/external-administrator-requests/${made.body.id as string}`);
    await page.locator('summary', { hasText: 'Say why you deny' }).click();
    await withoutLimits(page);
    await page.getByLabel('Reason', { exact: true }).fill('x'.repeat(2001));
    await page.getByRole('button', { name: 'Deny', exact: true }).click();
    await expectMarked(page, 'Reason', 'This is too long: 2000 characters at most', device.javaScript);
    expect(await page.getByLabel('Reason', { exact: true }).isVisible()).toBe(true);

    await page.getByLabel(/^E-mail address of/).fill(seller.first.email);
    const role = page.getByRole('radio').first();
    await page.evaluate('document.querySelector("input[name=role]").value = "emperor"');
    await role.check();
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByText('Choose one of these').waitFor();
    expect(await page.evaluate<string>('document.activeElement.name')).toBe('role');
    expect(await page.getByLabel(/^E-mail address of/).inputValue()).toBe(seller.first.email);

    await page.getByLabel(/^E-mail address of/).fill('somebody@else.example');
    await page.getByRole('radio').first().check();
    await page.getByRole('button', { name: 'Approve' }).click();
    await expectMarked(page, /^E-mail address of/, /address/, device.javaScript);
    await page.context().close();
  });

  it.each(devices)('says at the field which rule a password breaks, and never shows it again, $how', async (device) => {
    const email = `new-${device.width}@${customer.slug}.example`;
    await customer.first.http.post(`/v1/organizations/${customer.id}/invites`, { email, workspaceRole: 'read_only' });
    const mail = await world.mail.waitForMail({ to: email, kind: 'invite.sign-up' }, 15_000);
    const page = await (await openContext(browser, world, device)).newPage();
    await page.goto(linkIn(mail.text, /^\/invites\//));
    await page.getByLabel('Your name').fill('New Person');
    await page.getByLabel('Username').fill(`new-${device.width}`);
    await page.getByLabel('Password').fill('password1');
    await page.getByRole('button', { name: 'Create the account and join' }).click();
    await expectMarked(page, 'Password', /passwords that everybody tries first/, device.javaScript);
    expect(await page.getByLabel('Password').inputValue()).toBe('');
    expect(await page.getByLabel('Your name').inputValue()).toBe('New Person');
    expect(await page.content()).not.toContain('password1');
    await page.context().close();
  });
});
