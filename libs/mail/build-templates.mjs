/**
 * Compiles the MJML sources of all mails to the committed `html.hbs` files:
 *
 *   node libs/mail/build-templates.mjs
 *
 * MJML is needed here only; at run time the mails are plain Handlebars templates.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import mjml2html from 'mjml';

export const templatesDirectory = join(import.meta.dirname, 'templates');
const placeholder = '<!-- content -->';

/** @returns {string[]} every mail kind that has a folder */
export function templateKinds() {
  return readdirSync(templatesDirectory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/**
 * @param {string} kind
 * @returns {Promise<string>} the content of the kind's `html.hbs`
 */
export async function compileHtmlTemplate(kind) {
  const layout = readFileSync(join(templatesDirectory, 'layout.mjml'), 'utf8');
  const content = readFileSync(join(templatesDirectory, kind, 'html.mjml'), 'utf8');
  // A function as replacement: a "$" in the content has no meaning then. No fonts: a mail loads nothing.
  const { html, errors } = await mjml2html(
    layout.replace(placeholder, () => content),
    { validationLevel: 'strict', fonts: {} },
  );
  if (errors.length > 0) throw new Error(`${kind}: ${errors.map((error) => error.formattedMessage).join('; ')}`);
  return `${html.trim()}\n`;
}

if (import.meta.main) {
  for (const kind of templateKinds()) {
    writeFileSync(join(templatesDirectory, kind, 'html.hbs'), await compileHtmlTemplate(kind));
  }
}
