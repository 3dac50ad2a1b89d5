import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { eventually } from '../support/eventually.ts';
import {
  addMember,
  createCustomer,
  createPartner,
  type OrganizationWithFirst,
  type Person,
} from '../support/people.ts';
import { HttpClient } from '../support/http-client.ts';
import { createWorld, type World } from '../support/world.ts';
import { linkIn, openBrowser, openContext, signInAs, type Device } from './chromium.ts';

let world: World;
let browser: Browser;
let partner: OrganizationWithFirst;
let customer: OrganizationWithFirst;
let agent: Person;
let of: string;
/** What there is to look at, one of each kind. */
let pending: string;
let denied: string;
let session: string;
let accessId: string;
let wanted: string;
let toLetIn: string;
let proposed: string;
let invite: string;
let member: Person;

beforeAll(async () => {
  world = await createWorld();
  browser = await openBrowser();
  partner = await createPartner(world);
  customer = await createCustomer(world, partner, 'Harbour');
  agent = await addMember(world, partner, { displayName: 'Grace Hopper', administratorRoles: ['help_desk_advanced'] });
  of = `/organizations/${customer.id}`;
  const ask = async (reason: string): Promise<string> =>
    (await agent.http.post('/v1/elevations', { customerId: customer.id, reason })).body.id as string;
  denied = await ask('For the history.');
  await world.mail.waitForMail({ to: customer.first.email, kind: 'elevation.requested' }, 15_000);
  await customer.first.http.post(`/v1/elevations/${denied}/deny`, { reason: 'Call first.' });
  // Nobody could be told of it: the pages say so.
  world.mail.failNext(1, 'reject-5xx', customer.first.email);
  pending = await ask('Waiting.');
  await eventually(async () =>
    expect((await agent.http.get(`/v1/elevations/${pending}`)).body.notifications).toMatchObject({ undeliverable: 1 }),
  );
  const opened = await agent.http.post('/v1/help-desk-sessions', { customerId: customer.id, reason: 'A look.' });
  session = opened.body.id;
  accessId = opened.body.grant.id;
  await tellOfAnAct();
  const seller = await createPartner(world, 'Southwind');
  const asked = { customerId: customer.id, reason: 'Order 4712.' };
  toLetIn = (await seller.first.http.post('/v1/external-administrator-requests', asked)).body.id;
  const request = { customerDomain: 'nobody.example', reason: 'Order 4711.' };
  wanted = (await partner.first.http.post('/v1/external-administrator-requests', request)).body.id;
  const appointment = { kind: 'appointment', email: `noor@${customer.slug}.example`, reason: 'Leave in August.' };
  proposed = (await partner.first.http.post(`/v1${of}/change-requests`, appointment)).body.id;
  const invited = `axe@${customer.slug}.example`;
  await customer.first.http.post(`/v1${of}/invites`, { email: invited, workspaceRole: 'read_only' });
  invite = linkIn((await world.mail.waitForMail({ to: invited, kind: 'invite.sign-up' }, 15_000)).text, /^\/invites\//);
  member = await addMember(world, customer, { workspaceRole: 'limited_access' });
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

async function tellOfAnAct(): Promise<void> {
  const key = await customer.first.http.post(`/v1/organizations/${customer.id}/api-keys`, { name: 'Phones' });
  await new HttpClient(world.baseUrl, key.body.token).post(`/v1/grants/${accessId}/activities`, {
    action: 'phone.look-up',
    resource: { type: 'setting', id: 'devices' },
    at: new Date().toISOString(),
    outcome: 'success',
    externalId: 'job-1',
  });
}

const readers: { who: string; person: () => Person | null; paths: () => string[] }[] = [
  {
    who: 'a visitor',
    person: () => null,
    paths: () => [
      '/sign-in',
      '/sign-in?organization=harbour',
      '/docs',
      '/forgot-password',
      '/reset-password/x',
      '/nowhere',
      invite,
    ],
  },
  {
    who: 'an administrator of the customer',
    person: () => customer.first,
    paths: () => [
      '/',
      '/sessions',
      `/elevations/${pending}`,
      `/elevations/${denied}`,
      `/external-administrator-requests/${toLetIn}`,
      `/change-requests/${proposed}`,
      '/account',
      `/help-desk-sessions/${session}`,
      `/grants/${accessId}/report`,
      ...['access', 'teammates', 'invite', 'audit', 'restricted-mode'].map((name) => `${of}/${name}`),
      `${of}/audit?subjectId=${denied}`,
      `${of}/teammates/${member.memberId}`,
      `${of}/teammates/${customer.first.memberId}`,
      invite,
    ],
  },
  {
    who: 'a help-desk agent',
    person: () => agent,
    paths: () => [
      '/help-desk',
      `/elevations/${pending}`,
      `/elevations/new?customerId=${customer.id}`,
      `/help-desk-sessions/new?customerId=${customer.id}`,
      `/help-desk-sessions/${session}`,
    ],
  },
  {
    who: 'an administrator of the partner',
    person: () => partner.first,
    paths: () => [
      '/help-desk',
      `${of}/restricted-mode`,
      '/external-administrator-requests/new',
      `/external-administrator-requests/${wanted}`,
      `/change-requests/${proposed}`,
    ],
  },
];
const looks: (Device & { look: string })[] = [
  { look: '360 px, dark', width: 360, dark: true },
  { look: '1280 px, light', width: 1280, dark: false },
];

describe('the pages', () => {
  it.each(readers.flatMap((reader) => looks.map((look) => ({ ...reader, ...look }))))(
    'have nothing serious or critical for $who at $look',
    async ({ person, paths, ...look }) => {
      const context = await openContext(browser, world, look);
      const page = await context.newPage();
      const reader = person();
      if (reader) {
        await page.goto('/sign-in');
        await signInAs(page, reader);
        await page.getByRole('heading', { level: 1, name: /^Hello/ }).waitFor();
      }
      const found: string[] = [];
      for (const path of paths()) {
        const answer = await page.goto(path);
        if ((answer?.status() ?? 500) >= 500) found.push(`${path} answers ${answer?.status()}`);
        const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
        for (const { id, impact, nodes } of violations) {
          if (impact !== 'serious' && impact !== 'critical') continue;
          found.push(`${path}: ${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
        }
        const tooWide = await page.evaluate<boolean>('document.documentElement.scrollWidth > window.innerWidth');
        if (tooWide) found.push(`${path} is wider than the screen`);
      }
      expect(found).toEqual([]);
      await context.close();
    },
    // Some twenty pages, each looked over by axe.
    180_000,
  );
});
