import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { countersign, type CliAnswer } from '../support/cli.ts';
import { setElevationStage, type ElevationStage } from '../support/elevation-stage.ts';
import { eventually } from '../support/eventually.ts';
import type { HttpClient } from '../support/http-client.ts';
import { createPartner, testPassword } from '../support/people.ts';
import { runProgram } from '../support/supervised-process.ts';
import { createWorld, type World } from '../support/world.ts';

/** The command line as its users call it: a process, a service, exit codes. */
let world: World;
let stage: ElevationStage;
let folder: string;

beforeAll(async () => {
  world = await createWorld();
  stage = await setElevationStage(world);
  folder = await mkdtemp(join(tmpdir(), 'countersign-cli-'));
}, 120_000);

afterAll(async () => {
  await world?.stop();
  await rm(folder, { recursive: true, force: true });
});

const as = ({ http }: { http: HttpClient }) => ({
  COUNTERSIGN_URL: world.baseUrl,
  COUNTERSIGN_TOKEN: http.token ?? '',
  XDG_CONFIG_HOME: folder,
});

async function told(argument: string[], environment: Record<string, string>) {
  const answer = await countersign([...argument, '--json'], environment);
  expect(answer).toMatchObject({ code: 0, errors: '' });
  return JSON.parse(answer.output);
}

/** In words, with the next step, and without a stack. */
function expectWords({ errors }: CliAnswer, words: string): void {
  expect(errors).toContain(words);
  expect(errors).not.toMatch(/^\s+at /m);
}

describe('countersign elevations', () => {
  it('asks, grants, asks whether it is permitted, and ends it', async () => {
    const [agent, admin] = [as(stage.agent), as(stage.admin)];
    const asking = countersign(
      ['elevations', 'ask', stage.customerId, '--reason', 'Phones do not register', '--duration', '45m', '--wait'],
      agent,
    );
    const [open] = await eventually(async () => {
      const all = await told(['elevations', 'list', '--status', 'pending'], admin);
      if (all.length === 0) throw new Error('Nothing is asked yet');
      return all;
    }, 40_000);
    expect(open).toMatchObject({ reason: 'Phones do not register', durationSeconds: 2_700 });

    const may = ['access', 'may', 'write', 'devices', '--organization', stage.customerId];
    expect(await countersign(may, agent)).toMatchObject({ code: 4, output: expect.stringMatching(/^No: /) });

    expect(await told(['elevations', 'approve', open.id, '--duration', '600'], admin)).toMatchObject({
      status: 'approved',
    });
    expect(await asking).toMatchObject({ code: 0, output: expect.stringContaining('approved; access active') });
    expect(await countersign(may, agent)).toMatchObject({ code: 0, output: expect.stringMatching(/^Yes/) });

    const [grant] = await told(['access', 'list', '--status', 'active'], admin);
    expect(await told(['access', 'end', grant.id, '--reason', 'Done'], admin)).toMatchObject({ status: 'revoked' });
    expect((await countersign(may, agent)).code).toBe(4);
  }, 180_000);

  it('ends with 4 where the request is denied, and with 3 where the service refuses', async () => {
    const { id } = await told(
      ['elevations', 'ask', stage.customerId, '--reason', 'Voicemail is gone'],
      as(stage.agent),
    );
    const own = await countersign(['elevations', 'approve', id], as(stage.agent));
    expect(own.code).toBe(3);
    expectWords(own, 'administrator');
    await told(['elevations', 'deny', id, '--reason', 'Nobody called'], as(stage.admin));
    expect(await countersign(['elevations', 'wait', id], as(stage.agent))).toMatchObject({
      code: 4,
      output: expect.stringContaining('denied'),
    });
  }, 120_000);
});

describe('countersign login', () => {
  it('keeps the token for its owner alone, and logout ends the session', async () => {
    const environment = { XDG_CONFIG_HOME: folder };
    const { first } = await createPartner(world);
    const login = runProgram('../../apps/cli/main.ts', {
      environment,
      argument: ['login', '--url', world.baseUrl, '--email', first.email, '--password-stdin'],
      input: `${testPassword}\n`,
    });
    expect(await once(login, 'close')).toEqual([0, null]);
    const file = join(folder, 'countersign', 'credentials.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const token = JSON.parse(await readFile(file, 'utf8')).tokens[world.baseUrl];

    expect((await countersign(['whoami'], environment)).output).toContain(first.email);
    expect(await countersign(['logout'], environment)).toMatchObject({ code: 0 });
    const ended = await fetch(`${world.baseUrl}/v1/me`, { headers: { authorization: `Bearer ${token}` } });
    expect(ended.status).toBe(401);
    const after = await countersign(['whoami', '--url', world.baseUrl], environment);
    expect(after.code).toBe(64);
    expectWords(after, 'countersign login --url');
  }, 120_000);
});

describe('countersign policy', () => {
  it('says what a file would change, changes it, and refuses what is no policy', async () => {
    const file = join(folder, 'policy.json');
    await writeFile(file, JSON.stringify({ elevationPendingSeconds: 1_200 }));
    const environment = as(stage.admin);
    const change = [{ name: 'elevationPendingSeconds', present: expect.any(Number), wanted: 1_200 }];
    expect(await told(['policy', 'plan', file], environment)).toEqual(change);
    expect(await told(['policy', 'apply', file], environment)).toEqual(change);
    expect(await told(['policy', 'plan', file], environment)).toEqual([]);
    await writeFile(file, JSON.stringify({ elevationPendingSeconds: 'long' }));
    const refused = await countersign(['policy', 'apply', file], environment);
    expect(refused.code).toBe(3);
    expectWords(refused, '/policy/elevationPendingSeconds');
  }, 120_000);
});

describe('countersign relationships and access report', () => {
  it('renews a partner until the end of a day, and says how it was refused; tells an access from the wish to its end', async () => {
    const environment = as(stage.admin);
    const day = new Date(Date.now() + 100 * 86_400_000).toISOString().slice(0, 10);
    const [{ id }] = await told(['relationships', 'list'], environment);
    const renewed = await told(['relationships', 'renew', id, day], environment);
    expect(renewed).toMatchObject({ activeUntil: `${day}T23:59:59.999Z`, status: 'active' });
    const refused = await countersign(['relationships', 'renew', id, '2020-01-01'], environment);
    expect(refused.code).toBe(3);
    expectWords(refused, '/until');
    const asked = await stage.agent.http.post('/v1/help-desk-sessions', {
      customerId: stage.customerId,
      reason: 'Looking into it',
    });
    const report = await countersign(['access', 'report', asked.body.grant.id], environment);
    expect(report).toMatchObject({ code: 0, output: expect.stringContaining('Looking into it') });
  }, 120_000);
});

describe('countersign webhooks listen', () => {
  it('prints each event that the service signed, and leaves no webhook behind', async () => {
    const listener = runProgram('../../apps/cli/main.ts', {
      environment: as(stage.admin),
      argument: ['webhooks', 'listen', '--action', 'elevation.requested'],
    });
    let output = '';
    let said = '';
    listener.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    listener.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await eventually(() => expect(said).toContain('Listening at'), 60_000);
    const [, url = ''] = /Listening at (\S+);/.exec(said) ?? [];
    const forged = await fetch(url, { method: 'POST', body: '{"type":"elevation.requested"}' });
    expect(forged.status).toBe(400);
    await stage.agent.http.post('/v1/elevations', { customerId: stage.customerId, reason: 'Calls drop' });
    await eventually(() => expect(output).toContain('elevation.requested'), 60_000);
    expect(output.trim().split('\n')).toHaveLength(1);
    listener.kill('SIGINT');
    expect(await once(listener, 'close')).toEqual([0, null]);
    const { body } = await stage.admin.http.get(`/v1/organizations/${stage.customerId}/webhooks`);
    expect(body.items).toEqual([]);
  }, 180_000);
});

describe('what goes wrong', () => {
  it.each<[string, string[], number, string]>([
    ['an unknown command', ['elevation'], 64, "unknown command 'elevation'"],
    ['an unknown option', ['whoami', '--colour'], 64, "unknown option '--colour'"],
    ['a missing file', ['audit', 'verify', '/nowhere/trail.jsonl'], 64, 'There is no file /nowhere/trail.jsonl'],
    ['a missing argument', ['elevations', 'approve'], 64, "missing required argument 'id'"],
    ['nobody there', ['whoami', '--url', 'http://127.0.0.1:65535'], 1, 'Nobody answers there (ECONNREFUSED)'],
  ])(
    'is told in words: %s',
    async (_, argument, code, words) => {
      const answer = await countersign(argument, { ...as(stage.admin), COUNTERSIGN_URL: world.baseUrl });
      expect(answer.code).toBe(code);
      expectWords(answer, words);
    },
    60_000,
  );

  it('is not what a version or a completion is', async () => {
    expect(await countersign(['--version'])).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
    const { code, output } = await countersign(['completion', 'bash']);
    expect(code).toBe(0);
    expect(output).toMatch(/"elevations"\) COMPREPLY=.*approve.*revoke/);
  }, 60_000);
});
