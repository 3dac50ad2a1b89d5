import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { defaultMatrices, withOverrides, type Matrices } from '#access';
import { ConfigurationError } from '#config';

const overrideList = z.array(
  z.strictObject({ table: z.string(), role: z.string(), setting: z.string(), level: z.string() }),
);

/**
 * The role matrices with the cells that a deployment overrides: a JSON list of {table, role, setting, level}. Only
 * inferred cells can be overridden, and one wrong entry refuses them all.
 * @throws ConfigurationError naming every entry and cell that is wrong.
 */
export function loadMatrices(file: string | undefined): Matrices {
  if (file === undefined) return defaultMatrices;
  const parsed = overrideList.safeParse(contentOf(file));
  if (!parsed.success) {
    throw refusal(parsed.error.issues.map(({ path, message }) => `entry ${path.join('.') || 'list'}: ${message}`));
  }
  const result = withOverrides(parsed.data);
  if (!result.ok) throw refusal(result.errors.map(({ index, message }) => `entry ${index}: ${message}`));
  return result.matrices;
}

function contentOf(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const problem = error instanceof SyntaxError ? 'it is not JSON' : 'it cannot be read';
    throw refusal([`${file}: ${problem}`]);
  }
}

const refusal = (problems: readonly string[]) =>
  new ConfigurationError(
    problems.map((problem) => ({
      variable: 'ROLE_MATRIX_FILE',
      problem: `is not usable (${problem})`,
      nextStep: 'Name only inferred cells of GET /v1/role-matrix, each once and with a level of its table',
    })),
  );
