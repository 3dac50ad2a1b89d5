/**
 * Plays a small story and takes pictures of the console: `npm run screenshots -- [folder] [all]`. Without `all`, the
 * pictures of the README, into docs/screenshots; with it every page at every width in both colour schemes.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrowserContext } from 'playwright-core';
import startTestServers from '../support/global-setup.ts';
import stopTestServers from '../support/global-teardown.ts';
import { openBrowser, openContext, signInAs, type Device } from './chromium.ts';
import { addMember, createCustomer, createPartner, type Person } from '../support/people.ts';
import { eventually } from '../support/eventually.ts';
import { createWorld } from '../support/world.ts';

const folder = process.argv[2] ?? 'docs/screenshots';
const takesAll = process.argv[3] === 'all';
const pagesOfReadme = ['decide', 'waiting', 'granted', 'access', 'teammates', 'audit'];
const looksOfReadme = ['1280-light', '360-dark'];
const everyLook: readonly (Device & { name: string })[] = [
  { name: '1280-light', width: 1280 },
  { name: '360-light', width: 360 },
  { name: '1280-dark', width: 1280, dark: true },
  { name: '360-dark', width: 360, dark: true },
];
const looks = everyLook.filter(({ name }) => takesAll || looksOfReadme.includes(name));

await mkdir(folder, { recursive: true });
await startTestServers();
const world = await createWorld({ environment: { MINIMUM_DURATION_SECONDS: '300' } });
const browser = await openBrowser();
try {
  const partner = await createPartner(world, 'Northwind');
  const customer = await createCustomer(world, partner, 'Harbour Hotels');
  const administrator = customer.first;
  const agent = await addMember(world, partner, {
    displayName: 'Grace Hopper',
    administratorRoles: ['help_desk_advanced'],
  });
  await addMember(world, customer, { displayName: 'Edsger Dijkstra', workspaceRole: 'limited_access' });
  const invited = `katherine@${customer.slug}.example`;
  await administrator.http.post(`/v1/organizations/${customer.id}/invites`, {
    email: invited,
    displayName: 'Katherine Johnson',
    workspaceRole: 'full_access',
  });
  const mail = await world.mail.waitForMail({ to: invited, kind: 'invite.sign-up' }, 15_000);
  const invitePath = /\/invites\/\S+/.exec(mail.text)?.[0] ?? '/';

  const ask = async (reason: string) => {
    const asked = await agent.http.post('/v1/elevations', {
      customerId: customer.id,
      reason,
      ticket: 'INC-4711',
      durationSeconds: 3600,
    });
    return `/elevations/${asked.body.id}`;
  };
  const denied = await ask('Quick look at the reception phones.');
  await administrator.http.post(`/v1${denied}/deny`, { reason: 'Please call first.', unexpected: true });
  const waiting = await ask(
    'The phones at the reception lose their registration every morning; the device profile needs a change.',
  );

  const contextsOf = async (person: Person | null) => {
    const contexts: [string, BrowserContext][] = [];
    for (const look of looks) {
      const context = await openContext(browser, world, look);
      if (person) {
        const page = await context.newPage();
        await page.goto('/sign-in');
        await signInAs(page, person);
        await page.waitForURL((url) => url.pathname === '/');
        await page.close();
      }
      contexts.push([look.name, context]);
    }
    return contexts;
  };
  const take = async (contexts: readonly [string, BrowserContext][], name: string, path: string) => {
    if (!takesAll && !pagesOfReadme.includes(name)) return;
    for (const [look, context] of contexts) {
      const page = await context.newPage();
      await page.goto(path);
      await page.screenshot({ path: join(folder, `${name}-${look}.png`), fullPage: true });
      await page.close();
    }
  };

  const visitor = await contextsOf(null);
  const approver = await contextsOf(administrator);
  const helpDesk = await contextsOf(agent);
  const of = `/organizations/${customer.id}`;
  await take(visitor, 'sign-in', waiting);
  await take(visitor, 'invite', invitePath);
  await take(approver, 'home', '/');
  await take(approver, 'decide', waiting);
  await take(approver, 'denied', denied);
  await take(helpDesk, 'waiting', waiting);
  await take(helpDesk, 'ask', `/elevations/new?customerId=${customer.id}`);
  await take(helpDesk, 'help-desk', '/help-desk');
  await administrator.http.post(`/v1${waiting}/approve`);
  await take(helpDesk, 'granted', waiting);
  await take(approver, 'granted-customer', waiting);
  await take(approver, 'access', `${of}/access`);
  await take(approver, 'teammates', `${of}/teammates`);
  await take(approver, 'audit', `${of}/audit`);
  await take(approver, 'invite-teammates', `${of}/invite`);
  await take(approver, 'sessions', '/sessions');
  const { body } = await administrator.http.get(`/v1${of}/members`);
  const teammate = (body.items as { id: string; account: { displayName: string } }[]).find(
    ({ account }) => account.displayName === 'Edsger Dijkstra',
  );
  await take(approver, 'teammate', `${of}/teammates/${teammate?.id}`);

  if (takesAll) {
    // Mails that nobody takes: told on every page they are about.
    const seller = await createPartner(world, 'Southwind');
    const requester = await addMember(world, seller, {
      displayName: 'Alan Turing',
      administratorRoles: ['partner_administrator'],
    });
    const newcomer = `nobody@${customer.slug}.example`;
    for (const { email } of [administrator, { email: newcomer }]) world.mail.failNext(1, 'reject-5xx', email);
    await administrator.http.post(`/v1${of}/invites`, { email: newcomer, workspaceRole: 'full_access' });
    const asked = await requester.http.post('/v1/external-administrator-requests', {
      customerId: customer.id,
      reason: 'Order 4711: we set the services up.',
    });
    const wanted = `/external-administrator-requests/${asked.body.id}`;
    await eventually(async () => {
      const { notifications } = (await administrator.http.get(`/v1${wanted}`)).body;
      if (notifications.undeliverable !== 1) throw new Error('The mail is still under way');
      await world.mail.waitForMail({ to: administrator.email, kind: 'invite.failed' });
    });
    const external = await contextsOf(requester);
    await take(approver, 'home-to-decide', '/');
    await take(approver, 'external-request', wanted);
    await take(external, 'external-request-requester', wanted);
    await take(external, 'external-home', '/');
    await take(external, 'external-ask', '/external-administrator-requests/new');
    await take(approver, 'invite-failed', `${of}/teammates`);
    await administrator.http.post(`/v1${wanted}/approve`, { email: requester.email, role: 'full_administrator' });
    await take(approver, 'external-approved', wanted);
    await take(external, 'external-approved-requester', wanted);
    const session = await agent.http.post('/v1/help-desk-sessions', { customerId: customer.id, reason: 'A look.' });
    await take(helpDesk, 'session', `/help-desk-sessions/${session.body.id}`);
    await take(helpDesk, 'help-desk-busy', '/help-desk');
    await take(helpDesk, 'session-open', `/help-desk-sessions/new?customerId=${customer.id}`);
    world.mail.failNext(1, 'reject-5xx', administrator.email);
    const lost = await ask('Its mail is lost.');
    await eventually(async () => {
      const { notifications } = (await agent.http.get(`/v1${lost}`)).body;
      if (notifications.undeliverable !== 1) throw new Error('The mail is still under way');
    });
    await take(helpDesk, 'lost', lost);
    await take(approver, 'lost-customer', lost);
  }
  const restricted = await contextsOf(partner.first);
  await take(restricted, 'restricted-mode', `${of}/restricted-mode`);
  await take(restricted, 'customers', '/help-desk');
} finally {
  await browser.close();
  await world.stop();
  await stopTestServers();
}
process.exit();
