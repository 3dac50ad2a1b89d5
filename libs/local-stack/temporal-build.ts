import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import type { OnProgress } from './progress.ts';

const TELL_EVERY_MILLISECONDS = 10_000;
/** Cold on two cores it takes 2 min 17 s; a slow laptop with a slow line may take several times as long. */
const GIVE_UP_AFTER_MILLISECONDS = 20 * 60_000;

/** Builds the CLI with the machine's Go. @returns `target` @throws where there is no Go, or no module proxy to reach */
export async function buildWithGo(version: string, target: string, onProgress: OnProgress): Promise<string> {
  const folder = dirname(target);
  await mkdir(folder, { recursive: true });
  const workshop = await mkdtemp(join(folder, 'build-'));
  try {
    onProgress(`Building Temporal ${version} with Go; this takes two to ten minutes, once`);
    await goInstall(`github.com/temporalio/cli/cmd/temporal@${version}`, workshop, onProgress);
    // Renamed into place: nobody ever runs half an executable, and of two builds at once the later one wins.
    await rename(join(workshop, basename(target)), target);
    return target;
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

async function goInstall(module: string, binaries: string, onProgress: OnProgress): Promise<void> {
  const startedAt = Date.now();
  const seconds = () => Math.round((Date.now() - startedAt) / 1000);
  // Without debugging symbols the file is a third smaller; without cgo no C compiler is needed.
  const child = spawn('go', ['install', '-ldflags=-s -w', module], {
    cwd: binaries,
    env: { ...process.env, GOBIN: binaries, CGO_ENABLED: '0' },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: GIVE_UP_AFTER_MILLISECONDS,
  });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString('utf8')).slice(-2_000)));
  const ticker = setInterval(() => onProgress(`Building Temporal: ${seconds()} s`), TELL_EVERY_MILLISECONDS);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(new Error(error.code === 'ENOENT' ? 'Go is not installed' : error.message)),
    );
    child.once('close', resolve);
  }).finally(() => clearInterval(ticker));
  if (code !== 0) throw new Error(`go install ended with code ${code} after ${seconds()} s: ${complaint.trim()}`);
  onProgress(`Built Temporal in ${seconds()} s`);
}
