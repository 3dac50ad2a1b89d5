import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from './error-code.ts';
import { LocalStackError } from './local-stack-error.ts';
import { findProcess } from './running-process.ts';

/** Another process runs its servers on this data folder. */
export class StackInUseError extends LocalStackError {
  override readonly name = 'StackInUseError';

  constructor(
    readonly folder: string,
    readonly pid: number,
  ) {
    super(`Countersign already runs on ${folder} (process ${pid}). Stop it, or set DATA_DIR to another folder.`);
  }
}

/**
 * Takes the data folder for this process: two stacks on one folder would end each other's servers. The lock of a process that no longer
 * runs is void.
 * @returns what gives it back
 * @throws StackInUseError
 */
export async function lockDataFolder(folder: string): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'stack.lock');
  const self = await findProcess(process.pid);
  const content = `${process.pid} ${self?.startedAt ?? ''}`;
  for (;;) {
    try {
      await writeFile(file, content, { flag: 'wx' });
      return () => rm(file, { force: true });
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
    }
    const [pid, startedAt] = await readOwner(file);
    const owner = pid > 1 ? await findProcess(pid) : undefined;
    if (owner && owner.startedAt === startedAt) throw new StackInUseError(folder, pid);
    await rm(file, { force: true });
  }
}

async function readOwner(file: string): Promise<[pid: number, startedAt: string]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const blank = text.indexOf(' ');
  return [Number.parseInt(text, 10), text.slice(blank + 1)];
}
