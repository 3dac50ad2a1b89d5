import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/**
 * Compiles the MJML source of each mail, with the layout and the partials around it, to the Handlebars template that render-mail.ts reads.
 * MJML is needed here only: before a start from source, before the tests and at the build.
 */

const templates = join(import.meta.dirname, 'templates');
const partials = join(import.meta.dirname, 'partials');
const built = join(import.meta.dirname, 'html');
const placeholder = '<!-- content -->';

/** Every mail kind that has a folder. */
export async function templateKinds(): Promise<string[]> {
  return (await readdir(templates)).sort();
}

/** The HTML part of the kind as a Handlebars template. */
export async function compileHtmlTemplate(kind: string): Promise<string> {
  // Slow to load, and needed only where something changed.
  const { default: mjml2html } = await import('mjml');
  const layout = await readFile(join(partials, 'layout.mjml'), 'utf8');
  const content = await readFile(join(templates, kind, 'html.mjml'), 'utf8');
  // A function as replacement: a "$" in the content has no meaning then. No fonts: a mail loads nothing.
  const { html, errors } = await mjml2html(
    layout.replace(placeholder, () => content),
    { validationLevel: 'strict', fonts: {}, filePath: partials, ignoreIncludes: false },
  );
  if (errors.length > 0) throw new Error(`${kind}: ${errors.map((error) => error.formattedMessage).join('; ')}`);
  return `${html.trim()}\n`;
}

/** Writes `html/<kind>.hbs` for every kind, unless the sources are the ones that what stands there was built from. */
export async function buildHtmlTemplates(): Promise<void> {
  const stamp = join(built, 'sources.sha256');
  const sources = await digestOfSources();
  if ((await readFile(stamp, 'utf8').catch(() => '')) === sources) return;
  await mkdir(built, { recursive: true });
  const kinds = await templateKinds();
  // A service that runs from these files may read them meanwhile.
  const put = async (name: string, content: string) => {
    const draft = join(built, `${name}.${process.pid}`);
    await writeFile(draft, content);
    await rename(draft, join(built, name));
  };
  for (const kind of kinds) await put(`${kind}.hbs`, await compileHtmlTemplate(kind));
  const former = (await readdir(built)).filter((name) => name.endsWith('.hbs') && !kinds.includes(name.slice(0, -4)));
  for (const name of former) await rm(join(built, name), { force: true });
  await put('sources.sha256', sources);
}

/** Of everything that goes into the templates, the version of MJML included. */
async function digestOfSources(): Promise<string> {
  const digest = createHash('sha256').update(createRequire(import.meta.url)('mjml/package.json').version);
  for (const folder of [templates, partials]) {
    const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.mjml')).sort();
    for (const name of names) digest.update(`\n${name}\n`).update(await readFile(join(folder, name)));
  }
  return digest.digest('hex');
}
