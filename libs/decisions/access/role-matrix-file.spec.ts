import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { defaultMatrices } from '#access';
import { ConfigurationError } from '#config';
import { loadMatrices } from './role-matrix-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'role-matrix-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileWith(content: unknown): string {
  const file = join(folder, 'matrix.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

function refusalOf(file: string): string {
  try {
    loadMatrices(file);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  throw new Error('The file was accepted');
}

const cell = { table: 'customer', role: 'partner_read_only_administrator', setting: 'troubleshooting', level: 'write' };

describe('the role matrix file', () => {
  it('overrides the inferred cells it names', () => {
    const { customer, organization } = loadMatrices(fileWith([cell]));
    expect(customer.rows.troubleshooting.partner_read_only_administrator.level).toBe('write');
    expect(customer.rows.devices).toEqual(defaultMatrices.customer.rows.devices);
    expect(organization).toEqual(defaultMatrices.organization);
  });

  it('is optional', () => {
    expect(loadMatrices(undefined)).toBe(defaultMatrices);
  });

  it('refuses the start and names every cell that is wrong', () => {
    const refusal = refusalOf(
      fileWith([
        cell,
        { ...cell, setting: 'devices' },
        { ...cell, setting: 'weather' },
        { ...cell, level: 'use' },
        cell,
      ]),
    );
    expect(refusal).toContain('ROLE_MATRIX_FILE is not usable');
    expect(refusal).toContain('entry 1: The cell customer / devices / partner_read_only_administrator is stated');
    expect(refusal).toContain('entry 2: There is no cell customer / weather / partner_read_only_administrator');
    expect(refusal).toContain('entry 3: The cell customer / troubleshooting / partner_read_only_administrator cannot');
    expect(refusal).toContain(
      'entry 4: The cell customer / troubleshooting / partner_read_only_administrator is named',
    );
  });

  it.each([
    ['no JSON', '[{', 'it is not JSON'],
    ['no list', { ...cell }, 'entry list'],
    ['a cell without a level', [{ ...cell, level: undefined }], 'entry 0.level'],
    ['a field nobody knows', [{ ...cell, origin: 'stated' }], 'origin'],
  ])('refuses %s', (_what, content, problem) => {
    expect(refusalOf(fileWith(content))).toContain(problem);
  });

  it('refuses a file that is not there, by its name', () => {
    const missing = join(folder, 'missing.json');
    expect(refusalOf(missing)).toContain(`${missing}: it cannot be read`);
  });
});
