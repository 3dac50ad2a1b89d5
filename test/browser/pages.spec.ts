import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import type { Browser, BrowserContext } from 'playwright-core';
import {
  addMember,
  createCustomer,
  createPartner,
  mayWrite,
  type OrganizationWithFirst,
  type Person,
} from '../support/people.ts';
import { createWorld, type World } from '../support/world.ts';
import { linkIn, openBrowser, openContext, signInAs, type Device } from './chromium.ts';

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

async function signedIn(person: Person, device: Device = { width: 1280 }): Promise<BrowserContext> {
  const context = await openContext(browser, world, device);
  const page = await context.newPage();
  await page.goto('/sign-in');
  await signInAs(page, person);
  await page.getByRole('heading', { level: 1, name: /^Hello/ }).waitFor();
  await page.close();
  return context;
}

const ask = async (reason: string): Promise<string> =>
  (await agent.http.post('/v1/elevations', { customerId: customer.id, reason })).body.id as string;

describe('the pages of the console', () => {
  it('end an access on the list of who has access, not before the second tap, and say so in the history', async () => {
    const id = await ask('Two taps.');
    await customer.first.http.post(`/v1/elevations/${id}/approve`);
    expect(await mayWrite(agent, customer.id)).toBe(true);
    const context = await signedIn(customer.first);
    const page = await context.newPage();
    await page.goto('/access');
    await page.locator('summary', { hasText: 'End now: the access of Grace Hopper' }).click();
    expect(await mayWrite(agent, customer.id)).toBe(true);
    await page.getByLabel('Reason (optional)').fill('Done by phone.');
    await page.getByRole('button', { name: 'End it: the access of Grace Hopper' }).click();
    await page.getByText('Nobody from outside has temporary access').waitFor();
    expect(await mayWrite(agent, customer.id)).toBe(false);
    const line = page.locator('section[aria-labelledby=history] li', { hasText: 'Two taps.' }).first();
    expect(await line.locator('.badge').textContent()).toBe('Ended early');
    expect(await line.textContent()).toMatch(/Ended by an administrator, \d+ \w+ 20\d\d/);
    await context.close();
  });

  it('let the help desk look into a customer, and the customer see and end it', async () => {
    const helpDesk = await signedIn(agent, { width: 360 });
    const page = await helpDesk.newPage();
    await page.goto('/help-desk');
    await page.getByRole('link', { name: 'Look into it: Harbour' }).click();
    await page.getByLabel('Why do you look into it?').fill('Checking the registrations.');
    await page.getByRole('button', { name: 'Open the session' }).click();
    await page.getByRole('heading', { level: 1, name: 'You look into Harbour' }).waitFor();

    const administrator = await signedIn(customer.first);
    const theirs = await administrator.newPage();
    await theirs.goto(new URL(page.url()).pathname);
    await theirs.getByText('Checking the registrations.').waitFor();
    await theirs.getByRole('button', { name: 'End the session' }).click();
    await theirs.getByRole('heading', { level: 1, name: 'This help-desk session is over' }).waitFor();
    // The agent's page notices by itself.
    await page.getByRole('heading', { level: 1, name: 'This help-desk session is over' }).waitFor();
    await helpDesk.close();
    await administrator.close();
  });

  it('invite many from a file and tell what became of each row', async () => {
    const context = await signedIn(customer.first);
    const page = await context.newPage();
    await page.goto(`/organizations/${customer.id}/invite`);
    await page.getByLabel('A CSV file').setInputFiles({
      name: 'people.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(
        `email,displayName,workspaceRole,administratorRoles\none@${customer.slug}.example,One,full_access,\nnot an address,Two,full_access,\n${customer.first.email},Three,full_access,\n`,
      ),
    });
    await page.getByRole('button', { name: 'Invite them all' }).click();
    await page.getByRole('heading', { level: 1, name: 'All 3 rows are done' }).waitFor();
    await page.getByRole('heading', { name: 'Row 2: not an address' }).waitFor();
    expect(await page.locator('dd').allTextContents()).toEqual(['1', '0', '1', '1']);
    await context.close();
  });

  it('change a role, and explain the rule where a choice is barred', async () => {
    const member = await addMember(world, customer, { displayName: 'Edsger Dijkstra', workspaceRole: 'read_only' });
    const owner = await signedIn(customer.first);
    const page = await owner.newPage();
    await page.goto(`/organizations/${customer.id}/teammates/${member.memberId}`);
    await page.getByLabel('Limited access').check();
    await page.getByRole('button', { name: 'Save the role' }).click();
    await page.getByText('The change is saved.').waitFor();
    expect(await page.getByLabel('Limited access').isChecked()).toBe(true);

    // Nobody takes an Owner's role back, so the first button only asks.
    await page.getByLabel('Owner').check();
    await page.getByRole('button', { name: 'Save the role' }).click();
    await page.getByRole('heading', { level: 1, name: 'Make Edsger Dijkstra an Owner?' }).waitFor();
    await page.getByRole('link', { name: 'Leave it as it is' }).click();
    expect(await page.getByLabel('Limited access').isChecked()).toBe(true);

    await page.getByLabel('Debugging').check();
    await page.getByRole('button', { name: 'Turn decrypt access on' }).click();
    await page.getByText('can decrypt all encrypted logs').waitFor();

    await page.goto(`/organizations/${customer.id}/teammates/${customer.first.memberId}`);
    expect(await page.getByLabel('Full access').isDisabled()).toBe(true);
    await page.getByText('Nobody changes their own role').first().waitFor();

    await page.goto(`/organizations/${customer.id}/teammates`);
    await page.getByText('Restricted administrator mode is on for this organization').waitFor();
    expect(await page.getByRole('button', { name: 'Manage users' }).isDisabled()).toBe(true);
    await owner.close();

    const partnerAdministrator = await signedIn(partner.first);
    const switching = await partnerAdministrator.newPage();
    await switching.goto('/help-desk');
    await switching.getByRole('link', { name: 'Restricted mode: on, Harbour' }).click();
    await switching.getByRole('button', { name: 'Switch it off' }).click();
    await switching.getByText('It is off').waitFor();
    await partnerAdministrator.close();
  });

  it('show the path of one request in the audit trail, and export all of it', async () => {
    const id = await ask('For the trail.');
    await customer.first.http.post(`/v1/elevations/${id}/deny`);
    const context = await signedIn(customer.first);
    const page = await context.newPage();
    await page.goto(`/organizations/${customer.id}/audit?subjectId=${id}`);
    expect(await page.locator('.timeline strong').allTextContents()).toEqual([
      'Elevation: requested',
      'Elevation: denied',
    ]);

    await page.goto(`/organizations/${customer.id}/audit`);
    await page.getByLabel('What about').selectOption('Access for a time');
    await page.getByLabel('By whom').fill('grace hop');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByRole('link', { name: 'Show everything' }).waitFor();
    const acts = page.locator('section[aria-label=Events] > .timeline > li');
    expect(new Set(await acts.locator('strong').allTextContents())).toEqual(
      new Set(['Elevation: requested', 'Elevation: used']),
    );
    expect(await acts.first().textContent()).toContain('by Grace Hopper');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'These events as a spreadsheet (CSV)' }).click(),
    ]);
    const [head, ...lines] = (await readFile(await download.path(), 'utf8')).trim().split('\r\n');
    expect(head).toBe('at,action,who,whom,outcome,reason,sourceAddress,subjectKind,subjectId,eventId');
    expect(lines).toHaveLength(await acts.count());
    await page.getByLabel('To', { exact: true }).fill('2020-01-01');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByText('Nothing matches.').waitFor();

    const exported = await context.request.get(`/organizations/${customer.id}/audit/export`);
    expect(exported.headers()['content-type']).toContain('jsonl');
    expect((await exported.text()).split('\n').length).toBeGreaterThan(3);
    await context.close();
  });

  it('set a new password from the mail, and end a session', async () => {
    const person = await addMember(world, customer, { workspaceRole: 'read_only' });
    const context = await openContext(browser, world, { width: 360, javaScript: false });
    const page = await context.newPage();
    await page.goto('/sign-in');
    await page.getByRole('link', { name: 'Forgot your password?' }).click();
    await page.getByLabel('E-mail address').fill(person.email);
    await page.getByRole('button', { name: 'Send the link' }).click();
    await page.getByText('a mail with a link is on its way').waitFor();
    const mail = await world.mail.waitForMail({ to: person.email, kind: 'password.reset' }, 15_000);
    await page.goto(linkIn(mail.text, /^\/reset-password\//));
    await page.getByLabel('New password').fill('another quiet river in July');
    await page.getByRole('button', { name: 'Set the password' }).click();
    await page.getByText('Your new password is set').waitFor();
    await signInAs(page, { email: person.email, password: 'another quiet river in July' });
    await page.goto('/sessions');
    await page.getByRole('button', { name: /^Sign out: / }).click();
    await page.getByText('You are signed out').waitFor();
    await context.close();
  });

  it('switch between organizations, tell of open access at the start, and of the only person who can say yes', async () => {
    const other = await createCustomer(world, partner, 'Lighthouse');
    const person = customer.first;
    const invite = { email: person.email, workspaceRole: 'full_access' };
    const invited = await other.first.http.post(`/v1/organizations/${other.id}/invites`, invite);
    expect(invited.status).toBe(201);
    const mail = await world.mail.waitForMail({ to: person.email, subject: /Lighthouse/ }, 15_000);
    const token = linkIn(mail.text, /^\/invites\//)
      .split('/')
      .at(-1);
    expect((await person.http.post('/v1/invites/accept', { token })).status).toBe(200);
    const id = await ask('For the start page.');
    await person.http.post(`/v1/elevations/${id}/approve`);

    const context = await signedIn(person, { width: 375, javaScript: false });
    const page = await context.newPage();
    await page.goto('/');
    await page.getByRole('link', { name: 'Open the access: Grace Hopper, Harbour' }).waitFor();
    await page.goto(`/organizations/${customer.id}/access`);
    await page.getByText('Only Harbour First can grant access here').waitFor();
    await page.locator('.switcher > summary', { hasText: 'Harbour' }).click();
    await page.getByRole('navigation').getByRole('link', { name: 'Lighthouse' }).click();
    await page.getByRole('heading', { level: 1, name: 'Teammates of Lighthouse' }).waitFor();
    await page.locator('.switcher > summary', { hasText: 'Lighthouse' }).waitFor();
    await person.http.post(`/v1/elevations/${id}/revoke`);
    await context.close();
  });

  it('are honest about an address without a page, and about a used link', async () => {
    const context = await signedIn(customer.first);
    const page = await context.newPage();
    const id = await ask('For reloading.');
    const answer = await page.goto(`/elevations/${id}/approve`);
    expect(answer?.status()).toBe(404);
    await page.getByRole('heading', { level: 1, name: 'There is no page at this address' }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    await page.getByRole('link', { name: 'Open the page above' }).click();
    await page.getByRole('button', { name: /^Grant/ }).waitFor();
    await customer.first.http.post(`/v1/elevations/${id}/deny`);

    expect((await page.goto('/reset-password/used-or-never-given'))?.status()).toBe(410);
    await page.getByText('This link has been used or has expired').waitFor();
    await page.getByRole('button', { name: 'Send the link' }).waitFor();
    await context.close();
  });
});
