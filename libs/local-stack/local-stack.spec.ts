import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Connection } from '@temporalio/client';
import { createTransport } from 'nodemailer';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from '#config';
import { answers } from './database.ts';
import {
  findFreePort,
  findProcess,
  findTemporal,
  type LocalStack,
  LocalStackError,
  startLocalStack,
  startPostgres,
  startTemporal,
} from './index.ts';

async function temporalAnswers(address: string): Promise<boolean> {
  try {
    await (await Connection.connect({ address, connectTimeout: 500 })).close();
    return true;
  } catch {
    return false;
  }
}

async function expectAllToAnswer({ config, urls }: LocalStack): Promise<void> {
  expect(await answers(config.databaseUrl)).toBe(true);
  expect(await temporalAnswers(config.temporalAddress)).toBe(true);
  expect(await createTransport(config.smtpUrl).verify()).toBe(true);
  expect((await fetch(`${urls.mails}/mails.json`)).status).toBe(200);
  expect((await fetch(String(urls.temporalUi))).status).toBe(200);
}

describe('the local stack', () => {
  let dataDir: string;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'countersign-spec-'));
    // As a project folder would be: others may pass through it.
    await chmod(dataDir, 0o755);
  });

  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  const configFor = (environment: NodeJS.ProcessEnv = {}) =>
    loadConfig({ DATA_DIR: dataDir, PORT: '0', ...environment });

  it('starts everything a laptop lacks, ends all of it, and finds data and secrets again', async () => {
    const first = await startLocalStack({ config: configFor() });
    await expectAllToAnswer(first);
    expect((await stat(join(dataDir, 'secrets.json'))).mode & 0o777).toBe(0o600);
    await first.stop();
    await first.stop();
    expect(await answers(first.config.databaseUrl)).toBe(false);
    expect(await temporalAnswers(first.config.temporalAddress)).toBe(false);

    const second = await startLocalStack({ config: configFor() });
    expect(second.config.payloadKey).toEqual(first.config.payloadKey);
    expect(second.config.supportToken).toBe(first.config.supportToken);
    expect(second.config.signingKey).toEqual(first.config.signingKey);
    await second.stop();
  });

  it('starts nothing the environment names', async () => {
    const named = {
      DATABASE_URL: 'postgresql://somebody@db.example/countersign',
      TEMPORAL_ADDRESS: 'temporal.example:7233',
      SMTP_URL: 'smtp://smtp.example',
      SUPPORT_TOKEN: 'chosen',
      PAYLOAD_KEY: Buffer.alloc(32, 3).toString('base64'),
      SIGNING_KEY: Buffer.alloc(32, 4).toString('base64'),
    };
    const stack = await startLocalStack({ config: configFor(named) });
    expect(stack.config).toMatchObject({
      databaseUrl: named.DATABASE_URL,
      temporalAddress: named.TEMPORAL_ADDRESS,
      smtpUrl: named.SMTP_URL,
      supportToken: 'chosen',
    });
    expect(stack.urls).toEqual({});
    expect(stack.mailCatcher).toBeUndefined();
    await stack.stop();
    await expect(stat(join(dataDir, 'secrets.json'))).rejects.toThrow(/ENOENT/);
  });

  it('takes its servers with it when it is killed hard, and starts again on the same data', async () => {
    const program = `
      import { loadConfig } from '#config';
      import { startLocalStack } from '#local-stack';
      const { config } = await startLocalStack({ config: loadConfig() });
      console.log(JSON.stringify(config));
      setInterval(() => {}, 1000);
    `;
    const root = fileURLToPath(new URL('../..', import.meta.url));
    const options = ['--conditions=source', '--import', './from-source.mjs', '--input-type=module', '-e'];
    const run = spawn(process.execPath, [...options, program], {
      cwd: root,
      env: { ...process.env, NODE_OPTIONS: '', DATA_DIR: dataDir, PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await Promise.race([once(run.stdout, 'data'), once(run, 'exit').then(() => ['null'])]);
    const killed: { databaseUrl: string } = JSON.parse(String(line));
    const servers = [
      Number.parseInt(await readFile(join(dataDir, 'postgres/cluster/postmaster.pid'), 'utf8'), 10),
      Number.parseInt(await readFile(join(dataDir, 'temporal.sqlite.pid'), 'utf8'), 10),
    ];
    for (const pid of servers) expect(await findProcess(pid)).toBeDefined();
    const ended = once(run, 'close');
    run.kill('SIGKILL');
    await ended;
    for (const pid of servers) while (await findProcess(pid)) await delay(20);

    const stack = await startLocalStack({ config: configFor() });
    expect(await answers(killed.databaseUrl)).toBe(false);
    await expectAllToAnswer(stack);
    await stack.stop();
  });

  it('ends what a killed run left behind before it judges ports, a chosen one included', async () => {
    const uiPort = await findFreePort();
    const { path: executable } = await findTemporal();
    const dataFile = join(dataDir, 'temporal.sqlite');
    // As a power cut leaves them: no lock that holds, servers that run.
    const [temporal, postgres] = await Promise.all([
      startTemporal({ executable, dataFile, choosePorts: async () => ({ port: await findFreePort(), uiPort }) }),
      startPostgres({ dataDir: join(dataDir, 'postgres'), database: 'countersign' }),
    ]);
    const told: string[] = [];
    const stack = await startLocalStack({
      config: configFor({ TEMPORAL_UI_PORT: String(uiPort) }),
      onProgress: (message) => told.push(message),
    });
    expect(told.filter((message) => message.startsWith('Ended a'))).toHaveLength(2);
    expect(stack.urls.temporalUi).toBe(`http://127.0.0.1:${uiPort}`);
    await expectAllToAnswer(stack);
    await stack.stop();
    await Promise.all([temporal.stop(), postgres.stop()]);
  });

  it('ends a start that is called off, with what it had started', async () => {
    const calling = new AbortController();
    const start = startLocalStack({
      config: configFor(),
      signal: calling.signal,
      onProgress: (message) => message === 'Starting PostgreSQL' && calling.abort(new Error('stopped')),
    });
    await expect(start).rejects.toThrow('stopped');
    await expect(stat(join(dataDir, 'postgres/cluster/postmaster.pid'))).rejects.toThrow(/ENOENT/);
    await expect(stat(join(dataDir, 'stack.lock'))).rejects.toThrow(/ENOENT/);
  });

  it('refuses a data folder that another run uses', async () => {
    const stack = await startLocalStack({ config: configFor({ TEMPORAL_ADDRESS: 'temporal.example:7233' }) });
    try {
      await expect(startLocalStack({ config: configFor() })).rejects.toThrow(/already runs on .* set DATA_DIR/);
      expect(await answers(stack.config.databaseUrl)).toBe(true);
    } finally {
      await stack.stop();
    }
  });

  it('ends what it had started when the rest cannot start', async () => {
    const environment = { TEMPORAL_CLI_PATH: '/nowhere/temporal' };
    const before = process.env['TEMPORAL_CLI_PATH'];
    Object.assign(process.env, environment);
    try {
      await expect(startLocalStack({ config: configFor() })).rejects.toThrow(/TEMPORAL_CLI_PATH/);
    } finally {
      if (before === undefined) delete process.env['TEMPORAL_CLI_PATH'];
      else process.env['TEMPORAL_CLI_PATH'] = before;
    }
    // A stopped PostgreSQL takes its pid file with it, a stopped stack its lock.
    await expect(stat(join(dataDir, 'postgres/cluster/postmaster.pid'))).rejects.toThrow(/ENOENT/);
    await expect(stat(join(dataDir, 'stack.lock'))).rejects.toThrow(/ENOENT/);
  });

  it.each(['PORT', 'TEMPORAL_UI_PORT'])('names %s when another program has that port', async (variable) => {
    const port = await findFreePort();
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    try {
      const config = configFor({
        DATABASE_URL: 'postgresql://somebody@db.example/countersign',
        [variable]: String(port),
      });
      await expect(startLocalStack({ config })).rejects.toThrow(`set ${variable} to a free port`);
    } finally {
      await new Promise((resolve) => other.close(resolve));
    }
  });

  it('never replaces secrets it cannot read', async () => {
    await writeFile(join(dataDir, 'secrets.json'), '{"payloadKey":');
    await expect(startLocalStack({ config: configFor() })).rejects.toThrow(/secrets.json can't be read as secrets/);
    expect(await readFile(join(dataDir, 'secrets.json'), 'utf8')).toBe('{"payloadKey":');
  });

  it('says in a sentence what to do about what it cannot use in the data folder', async () => {
    const broken: [file: string, content: string | null, sentence: RegExp][] = [
      ['secrets.json', null, /secrets.json can't be read as secrets/],
      ['postgres/cluster/PG_VERSION', '15\n', /is of PostgreSQL 15; this is 18/],
      ['postgres/password', null, /the password of the database, can't be read/],
      ['postgres/cluster/postgresql.conf', 'nonsense', /PostgreSQL did not start on/],
      ['temporal.sqlite', 'nonsense', /Temporal did not start/],
    ];
    await (await startLocalStack({ config: configFor() })).stop();
    for (const [file, content, sentence] of broken) {
      const path = join(dataDir, file);
      await rename(path, `${path}.kept`);
      // A folder stands where a file should be, or the file says something else.
      await (content === null ? mkdir(path) : writeFile(path, content));
      const start = startLocalStack({ config: configFor() });
      const error: unknown = await start.then((started) => started.stop()).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(LocalStackError);
      expect(String(error)).toMatch(sentence);
      expect(String(error)).toMatch(/DATA_DIR/);
      await rm(path, { recursive: true });
      await rename(`${path}.kept`, path);
    }
    const occupied = startLocalStack({ config: configFor({ DATA_DIR: join(dataDir, 'secrets.json') }) });
    await expect(occupied).rejects.toThrow(/The data folder can't be used: EEXIST/);
  });
});
