import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { roleMatrix } from '#access';
import { roleMatrixDocument } from './role-matrix-document.ts';

const written = readFileSync(new URL('../../../docs/role-matrix.md', import.meta.url), 'utf8');

describe('docs/role-matrix.md', () => {
  it('is up to date; `npm run docs:role-matrix` writes it', () => {
    expect(written).toBe(roleMatrixDocument());
  });

  it('names every setting there is a cell for', () => {
    const settings = new Set(roleMatrix().map(({ setting }) => setting));
    for (const setting of settings)
      expect(written).toMatch(new RegExp(`\\| (\`${setting}\`|${setting.replaceAll('_', ' ')}) `));
  });
});
