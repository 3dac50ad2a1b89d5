import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import type { Person } from '../support/people.ts';
import type { World } from '../support/world.ts';
import { findBrowser } from './find-browser.ts';

export async function openBrowser(): Promise<Browser> {
  const { path, environment } = await findBrowser();
  return chromium.launch({
    executablePath: path,
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
    env: { ...(process.env as Record<string, string>), ...environment },
  });
}

export interface Device {
  /** Pixels. */
  width: number;
  javaScript?: boolean;
  dark?: boolean;
  timeZone?: string;
}

/** A browser of one person: its own cookies, its own width, its own time zone. */
export async function openContext(
  browser: Browser,
  world: World,
  { width, javaScript = true, dark = false, timeZone = 'Europe/Berlin' }: Device,
): Promise<BrowserContext> {
  return browser.newContext({
    baseURL: world.baseUrl,
    viewport: { width, height: width < 600 ? 740 : 900 },
    javaScriptEnabled: javaScript,
    colorScheme: dark ? 'dark' : 'light',
    timezoneId: timeZone,
    locale: 'en-GB',
  });
}

/** Fills the sign-in form the page shows. */
export async function signInAs(page: Page, person: Pick<Person, 'email' | 'password'>): Promise<void> {
  await page.getByLabel('E-mail address or username').fill(person.email);
  await page.getByLabel('Password').fill(person.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** The path of a mail's link, whatever host the mail names. */
export function linkIn(text: string, path: RegExp): string {
  const links = [...text.matchAll(/https?:\/\/[^\s<>"]+/g)].map(([url]) => new URL(url));
  const link = links.find((url) => path.test(url.pathname));
  if (!link) throw new Error(`No link to ${path} in the mail:\n${text}`);
  return `${link.pathname}${link.search}`;
}
