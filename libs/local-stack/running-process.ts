import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { errorCode } from './error-code.ts';

const run = promisify(execFile);

/** What tells one process from a later one that got the same number. */
export interface RunningProcess {
  readonly pid: number;
  readonly command: string;
  /** Opaque; equal for the same process only. */
  readonly startedAt: string;
  readonly parentId: number;
}

/** Looks a process up; undefined where none of that number runs. */
export async function findProcess(pid: number): Promise<RunningProcess | undefined> {
  if (!isAlive(pid)) return undefined;
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
}

/** Slim container images have no `ps`, so Linux is asked through /proc. */
async function fromProc(pid: number): Promise<RunningProcess | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim();
    // The process name may hold blanks and brackets; the fields after it are counted from the last bracket (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, parentId, startedAt] = [fields[0], Number(fields[1]), fields[19]];
    return state === 'Z' || startedAt === undefined ? undefined : { pid, command, startedAt, parentId };
  } catch {
    return undefined;
  }
}

async function fromPs(pid: number): Promise<RunningProcess | undefined> {
  try {
    const { stdout: startedAt } = await run('ps', ['-o', 'lstart=', '-p', String(pid)]);
    const { stdout: command } = await run('ps', ['-o', 'command=', '-p', String(pid)]);
    const { stdout: parentId } = await run('ps', ['-o', 'ppid=', '-p', String(pid)]);
    return { pid, command: command.trim(), startedAt: startedAt.trim(), parentId: Number(parentId) };
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

/**
 * Ends a server that a killed run left behind. The command line must contain `marker` (its data folder), for the number in an old
 * pid file may belong to somebody else by now. Asks with SIGINT, insists with SIGKILL after 10 s.
 * @returns whether there was one
 */
export async function endFormerServer(pidFile: string, marker: string): Promise<boolean> {
  const text = await readFile(pidFile, 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  if (!Number.isInteger(pid) || pid <= 1) return false;
  const former = await findProcess(pid);
  if (!former?.command.includes(marker)) return false;
  process.kill(pid, 'SIGINT');
  if (!(await isGoneWithin(pid, 10_000))) {
    process.kill(pid, 'SIGKILL');
    await isGoneWithin(pid, 5_000);
  }
  return true;
}

async function isGoneWithin(pid: number, milliseconds: number): Promise<boolean> {
  for (let waited = 0; waited < milliseconds; waited += 50) {
    if (!(await findProcess(pid))) return true;
    await delay(50);
  }
  return false;
}
