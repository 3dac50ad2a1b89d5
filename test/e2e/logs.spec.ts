import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { findFreePort } from '#local-stack';
import { askFor, setElevationStage, type ElevationStage } from '../support/elevation-stage.ts';
import { eventually } from '../support/eventually.ts';
import { everythingSaidBy } from '../support/leak-places.ts';
import { environmentOf, runProgram } from '../support/supervised-process.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let stage: ElevationStage;
const running: ChildProcess[] = [];

beforeAll(async () => {
  world = await createWorld({ worker: false });
  stage = await setElevationStage(world);
}, 60_000);

afterEach(() => running.splice(0).forEach((child) => child.kill('SIGKILL')));

afterAll(() => world?.stop());

const canary = 'zq8canary';

interface Line {
  level: string;
  service: string;
  message: string;
  [field: string]: unknown;
}

/** What a process has said, each line as JSON; one that is none fails the test. */
const linesOf = (said: string): Line[] =>
  said
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);

async function startApi(logLevel: string) {
  const port = await findFreePort();
  const environment = { ...environmentOf(world), PORT: String(port), LOG_LEVEL: logLevel, FORCE_COLOR: '1' };
  const child = runProgram('../../apps/api/main.ts', { environment });
  running.push(child);
  const said = everythingSaidBy(child);
  const url = `http://127.0.0.1:${port}`;
  await eventually(async () => expect((await fetch(`${url}/health/ready`)).status).toBe(200), 60_000);
  return { child, said, url, port };
}

const bearer = () => ({ authorization: `Bearer ${stage.admin.http.token ?? ''}` });

describe('the log of the API', () => {
  it('has a line of JSON for the start, each request and the end, with ids and without personal data', async () => {
    const { child, said, url, port } = await startApi('info');
    const read = await fetch(`${url}/v1/organizations/${stage.customerId}/members?search=${canary}`, {
      headers: { ...bearer(), 'x-request-id': canary, 'user-agent': canary },
    });
    const id = await askFor(stage);
    await fetch(`${url}/v1/elevations/${id}`, { headers: bearer() });
    const lost = await fetch(`${url}/v1/${canary}`);
    const { instance } = (await lost.json()) as { instance: string };
    await fetch(`${url}/v1/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ login: `${canary}@example.com`, password: canary }),
    });
    child.kill('SIGTERM');
    const [code] = await once(child, 'close');

    const lines = linesOf(said());
    expect([code, read.status, lost.status]).toEqual([0, 200, 404]);
    expect(lines[0]).toMatchObject({
      level: 'info',
      service: 'countersign-api',
      message: 'The API is listening',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      port,
    });
    expect(lines.map(({ message }) => message)).toEqual(
      expect.arrayContaining(['The API is told to end', 'The API has ended']),
    );
    const access = lines.filter(({ route }) => route !== undefined);
    expect(access.map(({ message, status, caller }) => `${message} ${String(status)} ${String(caller)}`)).toEqual([
      'GET /v1/organizations/:organizationId/members 200 account',
      expect.stringMatching(/^GET \/v1\/elevations\/:\w+ 200 account$/),
      'GET unrouted 404 nobody',
      expect.stringMatching(/^POST \/v1\/sessions 4\d\d nobody$/),
    ]);
    expect(access[0]).toMatchObject({
      organizationId: stage.customerId,
      requestId: expect.stringMatching(/^[\da-f-]{36}$/),
    });
    expect(Object.values(access[1] ?? {})).toContain(id);
    // Whoever shows the answer names the line.
    expect(instance).toBe(`urn:uuid:${String(access[2]?.['requestId'])}`);
    expect(new Set(access.map(({ requestId }) => requestId)).size).toBe(access.length);
    expect(said()).not.toContain(canary);
    expect(said()).not.toContain('\u001b');
  }, 120_000);

  it.each([
    ['warn', 0],
    ['debug', 2],
  ])(
    'keeps to the level %s',
    async (level, probes) => {
      const { said, url } = await startApi(level);
      await fetch(`${url}/v1/me`, { headers: bearer() });
      await fetch(`${url}/health/live`);
      const seen = () => linesOf(said()).filter(({ route }) => route === '/v1/me' || route === '/health/live');
      if (probes > 0) await eventually(() => expect(seen()).toHaveLength(probes));
      expect(seen()).toHaveLength(probes);
      if (level === 'warn') expect(said()).toBe('');
    },
    60_000,
  );
});

describe('the log of the worker', () => {
  it('names the workflow that an activity failed in, and not what the mail server said', async () => {
    const environment = { ...environmentOf(world), LOG_LEVEL: 'info', FORCE_COLOR: '1' };
    const child = runProgram('../../apps/worker/main.ts', { environment });
    running.push(child);
    const said = everythingSaidBy(child);
    await eventually(() => expect(said()).toContain('The worker is running'), 60_000);
    world.mail.failNext(6, 'reject-4xx');
    const id = await askFor(await setElevationStage(world), { reason: canary });
    await eventually(() => expect(said()).toContain(`elevation:${id}`), 30_000);
    const line = linesOf(said()).find(({ workflowId }) => workflowId === `elevation:${id}`);
    expect(line).toMatchObject({
      level: 'warn',
      service: 'countersign-worker',
      workflowType: expect.any(String),
      activityType: expect.any(String),
      attempt: expect.any(Number),
    });
    for (const word of [canary, 'Try again later', '@', '\u001b']) expect(said()).not.toContain(word);
  }, 120_000);
});
