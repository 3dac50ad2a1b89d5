import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import type { Person } from '../support/people.ts';
import type { World } from '../support/world.ts';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** CHROMIUM_PATH, or the first Chromium on PATH. @throws saying what to do where there is none */
export function findChromium(): string {
  const named = process.env['CHROMIUM_PATH'];
  if (named) {
    if (isExecutable(named)) return named;
    throw new Error(`CHROMIUM_PATH names ${named}, which is no program that can be run`);
  }
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isExecutable);
  if (found) return found;
  throw new Error(
    'The browser tests need Chromium: install it (Debian: apt-get install chromium) or name it in CHROMIUM_PATH',
  );
}

export async function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox', '--disable-dev-shm-usage'] });
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
