import { once } from 'node:events';
import { runProgram } from './supervised-process.ts';

export interface CliAnswer {
  code: number | null;
  output: string;
  errors: string;
}

/** Runs `countersign …` as a process of its own with nothing but this environment: offline where none is given. */
export async function countersign(
  argument: readonly string[],
  environment: Record<string, string> = {},
): Promise<CliAnswer> {
  const child = runProgram('../../apps/cli/main.ts', { environment, argument });
  let output = '';
  let errors = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [code] = await once(child, 'close');
  return { code, output, errors };
}
