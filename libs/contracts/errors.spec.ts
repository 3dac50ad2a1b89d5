import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { errorCatalogue, isErrorCode, Refusal, refuse } from './errors.ts';

const access = new URL('../access/', import.meta.url);

/** Codes as they stand in the rules: `refused('…')` and the codes handed to `rulingOf` and its callers. */
function codesOfRules(): string[] {
  const sources = readdirSync(access).filter((file) => file.endsWith('.ts') && !/\.(spec|fixture)\.ts$/.test(file));
  const found = sources.flatMap((file) => [
    ...readFileSync(new URL(file, access), 'utf8').matchAll(/refused\('([a-z_]+)'|'((?:may_not|not)_[a-z_]+)'/g),
  ]);
  return [...new Set(found.map((match) => match[1] ?? match[2] ?? ''))].toSorted();
}

describe('the catalogue of errors', () => {
  it('knows every code that a rule refuses with', () => {
    const codes = codesOfRules();
    expect(codes.length).toBeGreaterThan(30);
    expect(codes.filter((code) => !isErrorCode(code))).toEqual([]);
  });

  it.each(Object.entries(errorCatalogue))(
    '%s says what happened and what to do next',
    (_code, { status, title, next }) => {
      expect(status).toBeGreaterThanOrEqual(400);
      expect(title).not.toMatch(/[.]$/);
      expect(next).toMatch(/[.]$/);
    },
  );

  it('counts a code it does not know as a no', () => {
    expect(() => refuse('something_new')).toThrow(Refusal);
    expect(isErrorCode('toString')).toBe(false);
  });
});
