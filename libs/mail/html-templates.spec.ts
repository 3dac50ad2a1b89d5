import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { buildHtmlTemplates, compileHtmlTemplate, templateKinds } from './html-templates.ts';
import { mailKinds } from './index.ts';

const folder = (...names: string[]) => join(import.meta.dirname, ...names);

describe('the templates', () => {
  it('have a folder for each kind and none besides, with a subject, a text and an MJML source in each', async () => {
    expect(await templateKinds()).toEqual([...mailKinds].sort());
    for (const kind of mailKinds) {
      expect((await readdir(folder('templates', kind))).sort()).toEqual(['html.mjml', 'subject.hbs', 'text.hbs']);
    }
  });

  it('are built anew only after a source has changed', async () => {
    const stamp = folder('html', 'sources.sha256');
    const before = await readFile(stamp, 'utf8');
    await buildHtmlTemplates();
    expect(await readFile(stamp, 'utf8')).toBe(before);
    expect((await readdir(folder('html'))).filter((name) => name.endsWith('.hbs'))).toHaveLength(mailKinds.length);
  });

  it.each(mailKinds)('%s is what its MJML source compiles to', async (kind) => {
    expect(await readFile(folder('html', `${kind}.hbs`), 'utf8')).toBe(await compileHtmlTemplate(kind));
  });

  it('use unescaped output nowhere', async () => {
    for (const place of ['templates', 'partials', 'html']) {
      const names = await readdir(folder(place), { recursive: true });
      for (const name of names.filter((one) => /\.(hbs|mjml)$/.test(one))) {
        expect(await readFile(folder(place, name), 'utf8')).not.toMatch(/\{\{\{|\{\{&/);
      }
    }
  });
});
