import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import Handlebars from 'handlebars';
import { roleLabels } from '#access';
import { readableDuration, withoutUnseen as cleaned } from '#mail';
import { readableMinute, readableTimeLeft } from './words.ts';
import { htmxFile } from './use-console.ts';

/** `apps/api`, as source or as built: templates lie in the folder of their feature. */
const root = fileURLToPath(new URL('../', import.meta.url));
const staticFolder = fileURLToPath(new URL('static/', import.meta.url));

/** The address of a static file, with a digest of its content: a new release is a new address. */
function assetAddress(name: string): string {
  const file = name === 'htmx.js' ? htmxFile : join(staticFolder, basename(name));
  const digest = createHash('sha256').update(readFileSync(file)).digest('base64url').slice(0, 12);
  return `/static/${name}?v=${digest}`;
}

const escape = Handlebars.escapeExpression;
const safe = (html: string) => new Handlebars.SafeString(html);

function helpers(): Record<string, Handlebars.HelperDelegate> {
  const assets = new Map<string, string>();
  return {
    asset(name: string) {
      const known = assets.get(name) ?? assetAddress(name);
      assets.set(name, known);
      return safe(known);
    },
    equal: (left: unknown, right: unknown) => left === right,
    either: (...values: unknown[]) => values.slice(0, -1).some(Boolean),
    plural: (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`,
    roleName: (id: string) => (roleLabels as Record<string, string>)[id] ?? id,
    roleNames: (ids: readonly string[]) => ids.map((id) => (roleLabels as Record<string, string>)[id] ?? id).join(', '),
    duration: (seconds: number) => readableDuration(seconds),
    /** The moment in UTC; the page's script adds the viewer's own zone. */
    moment: (iso: string) => safe(`<time datetime="${escape(iso)}" data-local>${escape(readableMinute(iso))}</time>`),
    /** The time left until then; the page's script counts down. */
    countdown(iso: string, { data }: Handlebars.HelperOptions) {
      const { now } = data.root.frame as { now: Date | null };
      if (!now) throw new Error('Only pages for somebody who has signed in count down');
      return safe(`<time datetime="${escape(iso)}" data-countdown>${escape(readableTimeLeft(iso, now))}</time>`);
    },
    /** How much is left of a time, as a bar; the page's script lets it shrink. */
    timeBar(from: string, until: string, { data }: Handlebars.HelperOptions) {
      const { now } = data.root.frame as { now: Date };
      const whole = Date.parse(until) - Date.parse(from);
      const left = Math.min(Math.max(Date.parse(until) - now.getTime(), 0), whole);
      const percent = whole > 0 ? Math.round((left / whole) * 100) : 0;
      return safe(
        `<progress class="time-bar" max="100" value="${percent}" aria-label="Time left" data-from="${escape(from)}" data-until="${escape(until)}">${percent} %</progress>`,
      );
    },
    /** What stands between backquotes as code. */
    code: (text: string) => safe(escape(text).replaceAll(/&#x60;(.+?)&#x60;/g, '<code>$1</code>')),
    /** Words of a person with their line breaks. */
    prose: (text: string) => safe(`<bdi>${escape(text).replaceAll('\n', '<br>')}</bdi>`),
  };
}

/** Whatever a person wrote is cleaned as in mails: no name on a page turns its neighbours around or hides in them. */
function withoutUnseen<T>(model: T): T {
  if (typeof model === 'string') return cleaned(model) as T;
  if (Array.isArray(model)) return model.map((item: unknown) => withoutUnseen(item)) as T;
  if (typeof model !== 'object' || model === null || Object.getPrototypeOf(model) !== Object.prototype) return model;
  return Object.fromEntries(Object.entries(model).map(([key, value]) => [key, withoutUnseen(value)])) as T;
}

export type Render = (name: string, model: object) => string;

/**
 * Reads and compiles every template once. A page is named by feature and file (`elevations/decide`), a partial by its
 * file (`partials/form-token` is `form-token`). A template that names what the model lacks fails instead of leaving a hole.
 */
export function loadTemplates(): Render {
  const handlebars = Handlebars.create();
  handlebars.registerHelper(helpers());
  const pages = new Map<string, Handlebars.TemplateDelegate>();
  for (const file of readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.hbs'))) {
    const text = readFileSync(join(root, file), 'utf8');
    const path = relative('.', file).split(sep);
    const name = basename(file, '.hbs');
    if (path.includes('partials')) handlebars.registerPartial(name, handlebars.compile(text, { strict: true }));
    else pages.set(`${path[0]}/${name}`, handlebars.compile(text, { strict: true }));
  }
  return (name, model) => {
    const page = pages.get(name);
    if (!page) throw new Error(`There is no template ${name}`);
    return page(withoutUnseen(model));
  };
}
