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
  { name: 'with JavaScript at 1280 px', width: 1280, javaScript: true },
  { name: 'with JavaScript at 360 px', width: 360, javaScript: true },
  { name: 'without JavaScript at 1280 px', width: 1280, javaScript: false },
  { name: 'without JavaScript at 360 px', width: 360, javaScript: false },
];

/** The agent asks on the help desk's pages. */
async function ask(page: Page, reason: string): Promise<void> {
  await page.goto('/help-desk');
  await signInAs(page, agent);
  await page.getByLabel('Find a customer').fill(customer.slug);
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByRole('link', { name: 'Ask for access: Harbour' }).click();
  await page.getByText('Who can approve').waitFor();
  expect(await page.getByText('Harbour First').count()).toBeGreaterThan(0);
  await page.getByLabel('Why do you need access?').fill(reason);
  await page.getByRole('button', { name: 'Send the request' }).click();
  await page.getByRole('heading', { level: 1, name: 'Waiting for Harbour to decide' }).waitFor();
}

async function mailedLink(reason: string): Promise<string> {
  const asked = () =>
    world.mail
      .mails()
      .find(
        ({ kind, to, text }) =>
          kind === 'elevation.requested' && to.includes(customer.first.email) && text.includes(reason),
      );
  for (let round = 0; round < 150 && !asked(); round += 1) await new Promise((resolve) => setTimeout(resolve, 100));
  return linkIn(asked()?.text ?? '', /^\/elevations\//);
}

/** No page is wider than the screen. */
async function expectNoSidewaysScrolling(page: Page): Promise<void> {
  const tooWide = await page.evaluate<boolean>('document.documentElement.scrollWidth > window.innerWidth');
  expect(tooWide).toBe(false);
}

describe('an elevation in the browser', () => {
  it.each(devices)('goes from the mail to the end of the grant $name', async ({ name, width, javaScript }) => {
    const reason = `The reception phones lose their registration (${name}).`;
    const agentContext = await openContext(browser, world, { width, javaScript });
    const approverContext = await openContext(browser, world, { width, javaScript });
    const agentPage = await agentContext.newPage();
    const page = await approverContext.newPage();

    await ask(agentPage, reason);
    await expectNoSidewaysScrolling(agentPage);

    await page.goto(await mailedLink(reason));
    await signInAs(page, customer.first);
    await page.getByRole('heading', { level: 1, name: 'Grace Hopper asks for access to Harbour' }).waitFor();
    expect(await page.getByText(agent.email).count()).toBe(1);
    expect(await page.getByText(reason).count()).toBe(1);
    expect(await page.getByText('Devices', { exact: true }).count()).toBe(1);
    await expectNoSidewaysScrolling(page);

    // Two clicks at most: a shorter time, and the decision.
    await page.getByText('30 minutes', { exact: true }).click();
    await page.getByRole('button', { name: javaScript ? 'Grant 30 minutes' : 'Grant access' }).click();
    await page.getByRole('heading', { level: 1, name: 'Grace Hopper has access to Harbour' }).waitFor();
    expect(await mayWrite(agent, customer.id)).toBe(true);

    if (!javaScript) await agentPage.getByRole('link', { name: 'Look again' }).click();
    await agentPage.getByRole('heading', { level: 1, name: 'You have access to Harbour' }).waitFor();
    expect(await agentPage.getByText(/(29|30) minutes/).count()).toBeGreaterThan(0);

    await page.getByLabel('Reason (optional)').fill('We are done for today.');
    await page.getByRole('button', { name: 'End the access' }).click();
    await page.getByRole('heading', { level: 1, name: 'This access was ended by an administrator' }).waitFor();
    expect(await mayWrite(agent, customer.id)).toBe(false);

    if (!javaScript) await agentPage.getByRole('link', { name: 'Look again' }).click();
    await agentPage.getByRole('heading', { level: 1, name: 'This access was ended by an administrator' }).waitFor();
    expect(await agentPage.getByText('We are done for today.').count()).toBeGreaterThan(0);
    // Only a page that can tell by itself says that it was opened; use is known either way.
    expect(await agentPage.getByText('Opened by an administrator').count()).toBe(javaScript ? 1 : 0);
    expect(await agentPage.getByText('Access used for the first time').count()).toBe(1);
    await agentContext.close();
    await approverContext.close();
  });

  it('is decided with the keyboard alone', async () => {
    const asked = await agent.http.post('/v1/elevations', { customerId: customer.id, reason: 'Keyboard only.' });
    const context = await openContext(browser, world, { width: 1280 });
    const page = await context.newPage();
    await page.goto(`/elevations/${asked.body.id}`);
    const reach = async (wanted: string) => {
      for (let steps = 0; steps < 40; steps += 1) {
        await page.keyboard.press('Tab');
        const here = await page.evaluate<string>(
          '(document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim()',
        );
        if (here === wanted) return;
      }
      throw new Error(`The keyboard never reached ${wanted}`);
    };
    await reach('E-mail address or username');
    await page.keyboard.type(customer.first.email);
    await reach('Password');
    await page.keyboard.type(customer.first.password);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Grace Hopper asks for access to Harbour' }).waitFor();
    await reach('1 hour');
    await page.keyboard.press('ArrowDown');
    await reach('Grant 30 minutes');
    const outline = await page.evaluate<string>('getComputedStyle(document.activeElement).outlineStyle');
    expect(outline).toBe('solid');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Grace Hopper has access to Harbour' }).waitFor();
    await customer.first.http.post(`/v1/elevations/${asked.body.id}/revoke`);
    await context.close();
  });

  it('tells each way it can be over on a page of its own, and whom it does not concern nothing', async () => {
    const request = async () =>
      (await agent.http.post('/v1/elevations', { customerId: customer.id, reason: 'Endings.' })).body.id as string;
    const context = await openContext(browser, world, { width: 360 });
    const page = await context.newPage();
    const expectHeading = async (id: string, heading: string | RegExp) => {
      await page.goto(`/elevations/${id}`);
      await page.getByRole('heading', { level: 1, name: heading }).waitFor();
    };
    const denied = await request();
    await page.goto(`/elevations/${denied}`);
    await signInAs(page, customer.first);
    await page.getByText('Deny with a reason, or because').click();
    await page.getByRole('button', { name: 'Deny: I did not expect this' }).click();
    await page.getByRole('heading', { level: 1, name: 'Harbour First denied this request' }).waitFor();
    await page.getByText('The request was unexpected').waitFor();

    const cancelled = await request();
    await agent.http.post(`/v1/elevations/${cancelled}/cancel`);
    await expectHeading(cancelled, 'This request was withdrawn');

    const first = await request();
    await customer.first.http.post(`/v1/elevations/${first}/approve`);
    const second = await request();
    await customer.first.http.post(`/v1/elevations/${second}/approve`, { durationSeconds: 2 });
    await expectHeading(first, 'A newer access took the place of this one');
    await page.goto(`/elevations/${second}`);
    // The page notices the end by itself.
    await page.getByRole('heading', { level: 1, name: 'This access is over' }).waitFor();

    const stranger = await addMember(world, customer, { workspaceRole: 'limited_access' });
    const strangersContext = await openContext(browser, world, { width: 360 });
    const strangersPage = await strangersContext.newPage();
    await strangersPage.goto(`/elevations/${denied}`);
    await signInAs(strangersPage, stranger);
    await strangersPage.getByRole('heading', { level: 1, name: 'There is nothing here for you' }).waitFor();
    await strangersPage.getByText(stranger.email).waitFor();
    await strangersContext.close();
    await context.close();
  });

  it.each([
    { width: 375, height: 667 },
    { width: 1280, height: 800 },
  ])('has who, why and the decision in view without scrolling at $width × $height', async ({ width, height }) => {
    const reason = 'The desk phones in Hamburg stopped registering this morning.';
    const asked = await agent.http.post('/v1/elevations', { customerId: customer.id, reason });
    const context = await openContext(browser, world, { width });
    const page = await context.newPage();
    await page.setViewportSize({ width, height });
    await page.goto(`/elevations/${asked.body.id}`);
    await signInAs(page, customer.first);
    const inView = [
      page.getByRole('heading', { level: 1, name: 'Grace Hopper asks for access to Harbour' }),
      page.getByText(agent.email),
      page.getByText(reason),
      page.getByRole('button', { name: 'Grant 1 hour' }),
      page.getByRole('button', { name: 'Deny', exact: true }),
    ];
    const bar = await page.locator('.decision-bar').boundingBox();
    for (const part of inView) {
      const box = await part.boundingBox();
      expect(box).not.toBeNull();
      const isInBar = (box?.y ?? 0) >= (bar?.y ?? 0);
      expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(isInBar ? height : (bar?.y ?? 0));
    }
    await agent.http.post(`/v1/elevations/${asked.body.id}/cancel`);
    await context.close();
  });

  it('gives back what somebody was writing when another administrator decides, and says aloud what the page became', async () => {
    const asked = await agent.http.post('/v1/elevations', { customerId: customer.id, reason: 'Two at once.' });
    const context = await openContext(browser, world, { width: 1280 });
    const page = await context.newPage();
    await page.goto(`/elevations/${asked.body.id}`);
    await signInAs(page, customer.first);
    await page.getByText('Deny with a reason, or because').click();
    await page.getByLabel(/^Reason, for/).fill('Please call us before you ask.');
    await customer.first.http.post(`/v1/elevations/${asked.body.id}/approve`);
    await page.getByRole('heading', { level: 1, name: 'Grace Hopper has access to Harbour' }).waitFor();
    expect(await page.getByLabel('What you were writing').inputValue()).toBe('Please call us before you ask.');
    expect(await page.title()).toBe('Grace Hopper has access to Harbour · Countersign');
    expect(await page.locator('#announcement').textContent()).toBe('Grace Hopper has access to Harbour');
    await customer.first.http.post(`/v1/elevations/${asked.body.id}/revoke`);
    await context.close();
  });

  it('shows the access that goes on while more time is asked for, on both pages, and lets the agent give it back', async () => {
    const reason = 'Longer than thought.';
    const askAgain = async () =>
      (await agent.http.post('/v1/elevations', { customerId: customer.id, reason })).body.id as string;
    await customer.first.http.post(`/v1/elevations/${await askAgain()}/approve`);
    const more = await askAgain();
    const context = await openContext(browser, world, { width: 360 });
    const page = await context.newPage();
    await page.goto(`/elevations/${more}`);
    await signInAs(page, customer.first);
    await page.getByText('has access already').waitFor();
    await page.getByRole('heading', { name: 'The access that is open already' }).waitFor();
    expect(await page.getByText('Nothing is open yet').count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Give the access back' }).count()).toBe(0);

    const agentContext = await openContext(browser, world, { width: 360 });
    const agentPage = await agentContext.newPage();
    await agentPage.goto(`/elevations/${more}`);
    await signInAs(agentPage, agent);
    await agentPage.getByRole('button', { name: 'Give the access back' }).click();
    await agentPage.getByRole('heading', { level: 1, name: 'Grace Hopper gave the access back' }).waitFor();
    expect(await mayWrite(agent, customer.id)).toBe(false);

    // Withdrawing takes a second tap.
    await agentPage.goto(`/elevations/${more}`);
    await agentPage.getByText('Withdraw the request', { exact: true }).click();
    await agentPage.getByRole('button', { name: 'Withdraw it now' }).click();
    await agentPage.getByRole('heading', { level: 1, name: 'This request was withdrawn' }).waitFor();
    await agentContext.close();
    await context.close();
  });

  it("shows times in the viewer's zone with UTC at hand", async () => {
    const asked = await agent.http.post('/v1/elevations', { customerId: customer.id, reason: 'Times.' });
    const utc = new Date(asked.body.decideBy as string).toISOString().slice(11, 16);
    for (const [timeZone, javaScript, expected] of [
      ['Asia/Tokyo', true, new RegExp(`GMT\\+9 \\(${utc} UTC\\)$`)],
      ['Asia/Tokyo', false, new RegExp(`${utc} UTC$`)],
    ] as const) {
      const context = await openContext(browser, world, { width: 1280, timeZone, javaScript });
      const page = await context.newPage();
      await page.goto(`/elevations/${asked.body.id}`);
      await signInAs(page, customer.first);
      const time = page.locator(`time[datetime="${asked.body.decideBy}"][data-local]`).first();
      await time.waitFor();
      expect(await time.textContent()).toMatch(expected);
      await context.close();
    }
    await agent.http.post(`/v1/elevations/${asked.body.id}/cancel`);
  });
});
