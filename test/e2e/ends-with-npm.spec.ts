import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findFreePort, findProcess } from '#local-stack';
import { createMigratedDatabase, type MigratedDatabase } from '../support/migrated-database.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** As npm does it: a process that starts a shell that starts the program, and waits. */
const npm = `
  const { spawn } = require('node:child_process');
  const script = '"$0" --conditions=source --import ./from-source.mjs --no-warnings apps/cli/main.ts up; exit $?';
  spawn('/bin/sh', ['-c', script, process.execPath], { stdio: 'inherit' });
`;

describe('what npm start has started', () => {
  let migrated: MigratedDatabase;
  let dataDir: string;

  beforeAll(async () => {
    migrated = await createMigratedDatabase();
    dataDir = await mkdtemp(join(tmpdir(), 'countersign-spec-'));
  });

  afterAll(async () => {
    await migrated.drop();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function start(): Promise<{ npmProcess: ChildProcess; pid: number }> {
    const port = await findFreePort();
    const npmProcess = spawn(process.execPath, ['-e', npm], {
      cwd: root,
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        NODE_ENV: 'development',
        npm_lifecycle_event: 'start',
        DATABASE_URL: migrated.url,
        TEMPORAL_ADDRESS: process.env['COUNTERSIGN_TEST_TEMPORAL_ADDRESS'],
        TASK_QUEUE: migrated.name,
        DATA_DIR: dataDir,
        PORT: String(port),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    npmProcess.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
    while (!said.includes('Countersign is up.')) {
      if (npmProcess.exitCode !== null) throw new Error(`It ended while starting: ${said}`);
      await sleep(50);
    }
    const pid = Number.parseInt(await readFile(join(dataDir, 'stack.lock'), 'utf8'), 10);
    return { npmProcess, pid };
  }

  /** An orderly end: it has given its data folder back. */
  async function untilEnded(pid: number): Promise<void> {
    while (await findProcess(pid)) await sleep(20);
    await expect(stat(join(dataDir, 'stack.lock'))).rejects.toThrow(/ENOENT/);
  }

  it('ends in good order when npm alone is killed', async () => {
    const { npmProcess, pid } = await start();
    expect(await findProcess(pid)).toBeDefined();
    npmProcess.kill('SIGKILL');
    await untilEnded(pid);
  }, 120_000);

  it('ends in good order when its terminal is closed', async () => {
    const { npmProcess, pid } = await start();
    const ended = once(npmProcess, 'close');
    process.kill(pid, 'SIGHUP');
    await untilEnded(pid);
    await ended;
  }, 120_000);
});
