import { spawn, type SpawnOptions } from 'node:child_process';

export interface CommandOptions extends Pick<SpawnOptions, 'cwd' | 'env'> {
  readonly timeoutMilliseconds: number;
  /** Ends the program, and the promise with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Runs a program to its end.
 * @throws Error with the end of what it complained of; `ProgramMissingError` where there is no such program
 */
export async function runCommand(
  program: string,
  parameters: readonly string[],
  options: CommandOptions,
): Promise<void> {
  const { timeoutMilliseconds: timeout, signal, ...where } = options;
  signal?.throwIfAborted();
  const child = spawn(program, parameters, { ...where, timeout, stdio: ['ignore', 'ignore', 'pipe'] });
  const end = () => child.kill('SIGKILL');
  signal?.addEventListener('abort', end);
  process.once('exit', end);
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString('utf8')).slice(-2_000)));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ENOENT' ? new ProgramMissingError(program) : error),
    );
    child.once('close', resolve);
  }).finally(() => {
    signal?.removeEventListener('abort', end);
    process.off('exit', end);
  });
  signal?.throwIfAborted();
  if (code === null) throw new Error(`${program} was ended after ${timeout / 1000} s`);
  if (code !== 0) throw new Error(`${program} ended with code ${code}: ${complaint.trim()}`);
}

export class ProgramMissingError extends Error {
  override readonly name = 'ProgramMissingError';

  constructor(readonly program: string) {
    super(`${program} is not installed`);
  }
}
