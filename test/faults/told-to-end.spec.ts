import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findFreePort } from '#local-stack';
import { askFor, setElevationStage, type ElevationStage } from '../support/elevation-stage.ts';
import { eventually } from '../support/eventually.ts';
import { HttpClient } from '../support/http-client.ts';
import { environmentOf, runProgram } from '../support/supervised-process.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let stage: ElevationStage;
let api: ChildProcess;
let port: number;
let baseUrl: string;

beforeAll(async () => {
  world = await createWorld({ worker: false });
  stage = await setElevationStage(world);
  port = await findFreePort();
  baseUrl = `http://127.0.0.1:${port}`;
  api = runProgram('../../apps/api/main.ts', {
    environment: { ...environmentOf(world), PORT: String(port), PUBLIC_URL: baseUrl, DRAIN_SECONDS: '3' },
  });
  await eventually(async () => expect((await fetch(`${baseUrl}/health/ready`)).status).toBe(200), 60_000);
}, 120_000);

afterAll(async () => {
  api?.kill('SIGKILL');
  await world?.stop();
});

type Outcome = number | 'refused' | 'cut off';

/** One request on a connection that the agent keeps; `cut off` is what nobody must see who heeds readiness. */
function ask(agent: Agent, path: string): Promise<Outcome> {
  const headers = { authorization: `Bearer ${stage.admin.http.token ?? ''}` };
  return new Promise((resolve) => {
    const asked = request(`${baseUrl}${path}`, { agent, headers }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 0));
      response.once('error', () => resolve('cut off'));
    });
    asked.once('error', (error: NodeJS.ErrnoException) =>
      // A kept connection that was closed before the request was taken: clients ask again elsewhere.
      resolve(
        error.code === 'ECONNREFUSED' || (error.code === 'ECONNRESET' && asked.reusedSocket) ? 'refused' : 'cut off',
      ),
    );
    asked.end();
  });
}

describe('an API that is told to end', () => {
  it('says so, answers what it took, the waiting first, and has ended by its deadline, busy or not', async () => {
    const id = await askFor(stage);
    // A load balancer that heeds readiness, and clients that go on whatever it says: a listener that closes resets what
    // has connected and was not taken yet, and nobody but readiness can spare them that.
    const [heedful, stubborn]: [Outcome[], Outcome[]] = [[], []];
    const [notReady, over] = [new AbortController(), new AbortController()];
    const agent = new Agent({ keepAlive: true, maxSockets: 6 });
    const keepAsking = async (outcomes: Outcome[], until: AbortSignal) => {
      while (!until.aborted) {
        const outcome = await ask(agent, '/v1/me');
        outcomes.push(outcome);
        if (outcome !== 200) await sleep(50);
      }
    };
    const busy = Array.from({ length: 3 }, () => [
      keepAsking(heedful, notReady.signal),
      keepAsking(stubborn, over.signal),
    ]).flat();
    const poll = new HttpClient(baseUrl, stage.agent.http.token).get(`/v1/elevations/${id}?wait=60`);
    // A client that never finishes what it says, and one that says nothing at all.
    const endless = connect(port, '127.0.0.1');
    endless.write(
      'POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
    );
    const silent = connect(port, '127.0.0.1');
    for (const socket of [endless, silent]) socket.on('error', () => {});
    await eventually(() => expect(heedful.length).toBeGreaterThan(20), 30_000);

    const begin = performance.now();
    const ended = once(api, 'exit');
    api.kill('SIGTERM');
    await eventually(async () => {
      const ready = await fetch(`${baseUrl}/health/ready`, { headers: { connection: 'close' } });
      expect(ready.status).toBe(503);
      expect(await ready.json()).toMatchObject({ code: 'unavailable', draining: true });
    }, 2_000);
    notReady.abort();
    expect((await poll).body.status).toBe('pending');
    const [code] = await ended;
    const seconds = (performance.now() - begin) / 1000;
    over.abort();
    await Promise.all(busy);
    agent.destroy();

    expect(code).toBe(0);
    // Three seconds of notice, ten for the client that never finishes, and a loaded machine.
    expect(seconds).toBeLessThan(25);
    expect(new Set(heedful)).toEqual(new Set([200]));
    expect(stubborn).toContain(200);
    expect(stubborn.at(-1)).not.toBe(200);
  }, 120_000);
});
