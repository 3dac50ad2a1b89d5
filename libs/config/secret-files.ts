import { readFileSync } from 'node:fs';
import type { ConfigurationProblem } from './configuration-error.ts';
import type { EnvironmentVariable } from './environment.ts';

/** What a secret store mounts as a file, rather than showing it to whoever may list processes. */
const secrets: readonly EnvironmentVariable[] = [
  'DATABASE_URL',
  'SEALER_DATABASE_URL',
  'SMTP_URL',
  'SUPPORT_TOKEN',
  'PAYLOAD_KEY',
  'PAYLOAD_KEYS',
  'SIGNING_KEY',
  'NEXT_SIGNING_KEY',
  'TEMPORAL_API_KEY',
];

const ending = '_FILE';

/** The environment, where `PAYLOAD_KEY_FILE`, say, names a file that holds what `PAYLOAD_KEY` would. */
export function withSecretsFromFiles(
  environment: Readonly<Record<string, string | undefined>>,
  problems: ConfigurationProblem[],
): Record<string, string | undefined> {
  const complete = { ...environment };
  for (const variable of secrets) {
    const named = `${variable}${ending}`;
    const path = environment[named];
    if (path === undefined) continue;
    const refuse = (problem: string) =>
      problems.push({ variable: named, problem, nextStep: `Set the path of a file that holds ${variable}` });
    if (environment[variable] !== undefined) {
      refuse(`is set beside ${variable}`);
      continue;
    }
    try {
      complete[variable] = readFileSync(path, 'utf8').trim() || undefined;
      if (complete[variable] === undefined) refuse('names an empty file');
    } catch {
      refuse("names a file that can't be read");
    }
  }
  return complete;
}
