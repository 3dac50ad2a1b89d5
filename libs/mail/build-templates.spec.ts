import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { compileHtmlTemplate, templateKinds, templatesDirectory } from './build-templates.mjs';
import { mailKinds } from './index.ts';

describe('the committed templates', () => {
  it('have a folder for each kind and none besides', () => {
    expect(templateKinds()).toEqual([...mailKinds].sort());
  });

  it.each(mailKinds)(
    '%s is what its MJML source compiles to (else run node libs/mail/build-templates.mjs)',
    async (kind) => {
      expect(readFileSync(join(templatesDirectory, kind, 'html.hbs'), 'utf8')).toBe(await compileHtmlTemplate(kind));
    },
  );

  it.each(mailKinds)('%s uses unescaped output nowhere', (kind) => {
    for (const file of ['subject.hbs', 'text.hbs', 'html.hbs', 'html.mjml']) {
      expect(readFileSync(join(templatesDirectory, kind, file), 'utf8')).not.toMatch(/\{\{\{|\{\{&/);
    }
  });
});
