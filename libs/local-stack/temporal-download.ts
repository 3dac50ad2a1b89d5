import { spawn } from 'node:child_process';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { OnProgress } from './progress.ts';

/** A download that has not grown for so long is given up; a machine without network often only waits. */
const STALLED_AFTER_MILLISECONDS = 20_000;
const LOOK_EVERY_MILLISECONDS = 1_000;

/** The name the SDK gives to what it downloaded. */
export const isDownloadedBySdk = (name: string): boolean => /^temporal-sdk-typescript-[\d.]+(\.exe)?$/.test(name);

/**
 * The SDK downloads the CLI only as part of starting a server, and in native code that can't be called off. So that is done in a
 * process of its own, which can be ended.
 */
const program = (testing: string, folder: string) => `
  const { TestWorkflowEnvironment } = require(${JSON.stringify(testing)});
  const executable = { type: 'cached-download', downloadDir: ${JSON.stringify(folder)} };
  TestWorkflowEnvironment.createLocal({ server: { executable } })
    .then((environment) => environment.teardown())
    .then(() => process.exit(0), (error) => { console.error(error.message); process.exit(1); });
`;

/** Downloads the CLI into the folder the way the SDK does. @returns its path @throws where there is no network */
export async function downloadWithSdk(folder: string, onProgress: OnProgress, signal?: AbortSignal): Promise<string> {
  signal?.throwIfAborted();
  onProgress('Downloading the Temporal CLI');
  await mkdir(folder, { recursive: true });
  const testing = createRequire(import.meta.url).resolve('@temporalio/testing');
  const child = spawn(process.execPath, ['-e', program(testing, folder)], { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString('utf8')));

  const stall = watchGrowth(folder, onProgress, () => {
    complaint += `nothing arrived for ${STALLED_AFTER_MILLISECONDS / 1000} s`;
    child.kill('SIGKILL');
  });
  const end = () => child.kill('SIGKILL');
  signal?.addEventListener('abort', end);
  process.once('exit', end);
  await new Promise<void>((resolve) => {
    child.once('error', (error) => (complaint += error.message));
    child.once('close', () => resolve());
  });
  process.off('exit', end);
  signal?.removeEventListener('abort', end);
  clearInterval(stall);
  signal?.throwIfAborted();

  // The file counts, not the exit: a server that doesn't start after the download is another matter.
  const downloaded = (await readdir(folder)).find(isDownloadedBySdk);
  if (downloaded) return join(folder, downloaded);
  throw new Error(`the SDK could not download it (${firstCause(complaint)})`);
}

function watchGrowth(folder: string, onProgress: OnProgress, onStalled: () => void): NodeJS.Timeout {
  let bytes = 0;
  let grewAt = Date.now();
  const look = async () => {
    const now = await sizeOf(folder);
    if (now !== bytes) {
      bytes = now;
      grewAt = Date.now();
      onProgress(`Downloading the Temporal CLI: ${Math.round(bytes / 1e6)} MB`);
    } else if (Date.now() - grewAt > STALLED_AFTER_MILLISECONDS) {
      onStalled();
    }
  };
  return setInterval(() => void look(), LOOK_EVERY_MILLISECONDS);
}

async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder).catch((): string[] => []);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** The SDK wraps the same cause several times; the last link of the chain says it shortest. */
function firstCause(complaint: string): string {
  const text = complaint.trim();
  return text.split(': ').slice(-2).join(': ') || 'no reason given';
}
