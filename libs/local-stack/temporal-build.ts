import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { OnProgress } from './progress.ts';
import { ProgramMissingError, runCommand } from './run-command.ts';

const TELL_EVERY_MILLISECONDS = 10_000;
/** Cold on two cores it takes 2 min 17 s; a slow laptop with a slow line may take several times as long. */
const GIVE_UP_AFTER_MILLISECONDS = 20 * 60_000;

/** Builds the CLI with the machine's Go. @returns `target` @throws where there is no Go, or no module proxy to reach */
export async function buildWithGo(
  version: string,
  target: string,
  onProgress: OnProgress,
  signal?: AbortSignal,
): Promise<string> {
  const folder = dirname(target);
  await mkdir(folder, { recursive: true });
  const workshop = await mkdtemp(join(folder, 'build-'));
  const startedAt = Date.now();
  const seconds = () => Math.round((Date.now() - startedAt) / 1000);
  const ticker = setInterval(() => onProgress(`Building Temporal: ${seconds()} s`), TELL_EVERY_MILLISECONDS);
  try {
    onProgress(`Building Temporal ${version} with Go; this takes two to ten minutes, once`);
    // Without debugging symbols the file is a third smaller; without cgo no C compiler is needed.
    await runCommand('go', ['install', '-ldflags=-s -w', `github.com/temporalio/cli/cmd/temporal@${version}`], {
      cwd: workshop,
      env: { ...process.env, GOBIN: workshop, CGO_ENABLED: '0' },
      timeoutMilliseconds: GIVE_UP_AFTER_MILLISECONDS,
      signal,
    });
    onProgress(`Built Temporal in ${seconds()} s`);
    // Renamed into place: nobody ever runs half an executable, and of two builds at once the later one wins.
    await rename(join(workshop, basename(target)), target);
    return target;
  } catch (error) {
    throw error instanceof ProgramMissingError ? new Error('Go is not installed', { cause: error }) : error;
  } finally {
    clearInterval(ticker);
    await rm(workshop, { recursive: true, force: true });
  }
}
