import { readdir, readFile } from 'node:fs/promises';

const tickMilliseconds = 10;

/** Processor milliseconds the process has used so far, all its threads together, as the kernel counts nanoseconds. */
export async function processorTime(pid: number): Promise<number> {
  const threads = await readdir(`/proc/${pid}/task`);
  const times = await Promise.all(
    threads.map((thread) =>
      readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').then(
        (text) => Number(text.split(' ', 1)[0]),
        // A thread that has ended in between.
        () => 0,
      ),
    ),
  );
  return times.reduce((sum, time) => sum + time, 0) / 1e6;
}

/** As `processorTime`, of a server that has a child process for each connection; ended ones are counted in ticks. */
export async function processorTimeWithChildren(pid: number): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const children = await Promise.all(pids.map(async (one) => ((await parentOf(one)) === pid ? Number(one) : null)));
  const alive = [pid, ...children.filter((one) => one !== null)];
  const times = await Promise.all(alive.map((one) => processorTime(one).catch(() => 0)));
  const fields = await statOf(String(pid));
  const ended = (Number(fields[13]) + Number(fields[14])) * tickMilliseconds;
  return times.reduce((sum, time) => sum + time, ended);
}

async function parentOf(pid: string): Promise<number | null> {
  return statOf(pid).then(
    (fields) => Number(fields[1]),
    () => null,
  );
}

/** The fields after the process name, which may hold blanks and brackets (proc(5)). */
async function statOf(pid: string): Promise<string[]> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** Resident memory of the process in bytes. */
export async function residentMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}
