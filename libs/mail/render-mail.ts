import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import Handlebars from 'handlebars';
import { type MailKind, mailVariables, type MailVariables } from './kinds.ts';
import { readableDuration, readableInstant } from './readable-time.ts';
import { foldLine, writtenLine, writtenLines } from './written-text.ts';

export interface RenderedMail {
  subject: string;
  html: string;
  text: string;
}

type Part = 'subject' | 'html' | 'text';
type Variables = Record<string, string | number | null>;

const longestSubject = 150;

/** An environment of our own: what somebody registers on the global one doesn't reach the mails. */
const handlebars = Handlebars.create();

/** The whole vocabulary of the templates, beside `if`. `quote` differs, since only HTML has markup. */
const helpers = {
  line: (text: string) => writtenLine(text),
  /** For subjects: two or three names have to fit. */
  short: (text: string) => writtenLine(text, 40),
  words: (text: string) => foldLine(text, 1000),
  time: (iso: string) => readableInstant(iso),
  duration: (seconds: number) => readableDuration(seconds),
  is: (value: string, expected: string) => value === expected,
};

const quoteForText = (text: string) =>
  writtenLines(text)
    .map((line) => `> ${line}`.trimEnd())
    .join('\n');

const quoteForHtml = (text: string) =>
  new Handlebars.SafeString(
    writtenLines(text)
      .map((line) => handlebars.escapeExpression(line))
      .join('<br />'),
  );

const knownHelpers = Object.fromEntries([...Object.keys(helpers), 'quote'].map((helper) => [helper, true]));
const compiled = new Map<string, HandlebarsTemplateDelegate<Variables>>();

/** What several mails say alike, in the text part; the HTML part has its own, put in when it is built. */
const partials = join(import.meta.dirname, 'partials');
for (const file of readdirSync(partials).filter((name) => name.endsWith('.hbs'))) {
  handlebars.registerPartial(basename(file, '.hbs'), readFileSync(join(partials, file), 'utf8'));
}

/** The HTML part is compiled from MJML beforehand: html-templates.ts. */
const fileOf = (kind: MailKind, part: Part) =>
  part === 'html'
    ? join(import.meta.dirname, 'html', `${kind}.hbs`)
    : join(import.meta.dirname, 'templates', kind, `${part}.hbs`);

/** Templates are files of ours, read once; nothing that a person wrote is ever compiled. */
function template(kind: MailKind, part: Part): HandlebarsTemplateDelegate<Variables> {
  const file = fileOf(kind, part);
  let found = compiled.get(file);
  if (found === undefined) {
    found = handlebars.compile<Variables>(readFileSync(file, 'utf8'), {
      strict: true,
      noEscape: part !== 'html',
      knownHelpers,
      knownHelpersOnly: true,
    });
    compiled.set(file, found);
  }
  return found;
}

/**
 * Renders one mail.
 *
 * @throws ZodError if a variable is missing, unknown or malformed
 */
export function renderMail<Kind extends MailKind>(kind: Kind, variables: MailVariables<Kind>): RenderedMail {
  const checked: Variables = mailVariables[kind].parse(variables);
  const render = (part: Part): string =>
    template(kind, part)(checked, { helpers: { ...helpers, quote: part === 'html' ? quoteForHtml : quoteForText } });
  return { subject: foldLine(render('subject'), longestSubject), html: render('html'), text: render('text') };
}
