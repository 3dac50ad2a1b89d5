import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { closeGracefully } from '#api';
import { askFor, decide, setElevationStage, type ElevationStage } from '../support/elevation-stage.ts';
import { eventually } from '../support/eventually.ts';
import { createWorld, type World } from '../support/world.ts';
import { LongPolls } from '../../apps/api/answers/long-polls.ts';
import { Draining } from '../../apps/api/draining/draining.ts';

let world: World;
let stage: ElevationStage;

beforeAll(async () => {
  // No worker: nobody tells of a change but who made it.
  world = await createWorld({ worker: false });
  stage = await setElevationStage(world);
}, 120_000);

afterAll(() => world?.stop());

const open = () => world.api.get(LongPolls).open;
const path = (id: string, seconds: number) => `/v1/elevations/${id}?wait=${seconds}`;

async function timed<T>(work: Promise<T>): Promise<{ answer: T; seconds: number }> {
  const begin = performance.now();
  const answer = await work;
  return { answer, seconds: (performance.now() - begin) / 1000 };
}

describe('a request that waits for a change', () => {
  it('is answered when the change is committed, without looking in between', async () => {
    const id = await askFor(stage);
    const waiting = timed(stage.agent.http.get(path(id, 30)));
    await eventually(() => expect(open()).toBe(1));
    await sleep(1_500);
    await decide(stage.admin, id, 'deny');
    const { answer, seconds } = await waiting;
    expect(answer.body.status).toBe('denied');
    expect(seconds).toBeLessThan(15);
    expect(open()).toBe(0);
  }, 60_000);

  it('hears of it before the clock has it look again', async () => {
    const heard: string[] = [];
    const id = await askFor(stage);
    const stopListening = world.database.changes.listen(id, () => heard.push(id));
    await sleep(1_500);
    heard.length = 0;
    await decide(stage.admin, id, 'approve');
    await eventually(() => expect(heard.length).toBeGreaterThan(0), 5_000);
    stopListening();
    heard.length = 0;
    await decide(stage.agent, id, 'return');
    await sleep(500);
    expect(heard).toEqual([]);
  }, 30_000);

  it('ends with the clock, however slow the looks are', async () => {
    const id = await askFor(stage);
    const { answer, seconds } = await timed(stage.agent.http.get(path(id, 2)));
    expect(answer.body.status).toBe('pending');
    expect(seconds).toBeGreaterThanOrEqual(2);
    // Rounds of a fixed count would take as long as their looks take, too.
    const transaction = world.database.transaction.bind(world.database);
    world.database.transaction = async (...work) => {
      await sleep(1_000);
      return transaction(...work);
    };
    try {
      expect((await timed(stage.agent.http.get(path(id, 3)))).seconds).toBeLessThan(12);
    } finally {
      world.database.transaction = transaction;
    }
    await decide(stage.agent, id, 'cancel');
  }, 60_000);

  it('ends when its client has gone', async () => {
    const id = await askFor(stage);
    const leaving = new AbortController();
    const headers = { authorization: `Bearer ${stage.agent.http.token ?? ''}` };
    const request = fetch(`${world.baseUrl}${path(id, 60)}`, { headers, signal: leaving.signal });
    await eventually(() => expect(open()).toBe(1));
    leaving.abort();
    await expect(request).rejects.toThrow();
    await eventually(() => expect(open()).toBe(0), 5_000);
    await decide(stage.agent, id, 'cancel');
  }, 30_000);

  it('is refused to somebody who has ten of them, and to nobody else', async () => {
    const id = await askFor(stage);
    const waiting = Array.from({ length: 10 }, () => stage.agent.http.get(path(id, 30)));
    await eventually(() => expect(open()).toBe(10));
    const refused = await stage.agent.http.get(path(id, 30));
    expect(refused).toMatchObject({ status: 429, body: { code: 'too_many_requests' } });
    expect(refused.headers.get('retry-after')).toBe('1');
    expect((await stage.agent.http.get(`/v1/elevations/${id}`)).status).toBe(200);
    const other = stage.admin.http.get(path(id, 30));
    await eventually(() => expect(open()).toBe(11));
    await decide(stage.admin, id, 'deny');
    for (const { status, body } of await Promise.all([...waiting, other]))
      expect([status, body.status]).toEqual([200, 'denied']);
    expect(open()).toBe(0);
  }, 60_000);

  it('takes less than half of the connections, however many wait', async () => {
    const others = await Promise.all(Array.from({ length: 3 }, () => setElevationStage(world)));
    const asked = await Promise.all(others.map(async (one) => ({ agent: one.agent, id: await askFor(one) })));
    let [most, now] = [0, 0];
    const transaction = world.database.transaction.bind(world.database);
    world.database.transaction = async (context, work) => {
      // Whoever asks is looked up before they wait, as for any other request.
      if (context.kind !== 'tenant') return transaction(context, work);
      most = Math.max(most, (now += 1));
      try {
        return await transaction(context, work);
      } finally {
        now -= 1;
      }
    };
    try {
      await Promise.all(
        asked.flatMap(({ agent, id }) => Array.from({ length: 10 }, () => agent.http.get(path(id, 3)))),
      );
    } finally {
      world.database.transaction = transaction;
    }
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(world.database.poolSize / 2);
  }, 60_000);

  it('is refused by a process in which five hundred wait, until one of them is answered', async () => {
    const draining = new Draining();
    const polls = new LongPolls(world.database, draining);
    const leaving = new AbortController();
    const wait = (principal: number, gone = draining.signal) =>
      polls.untilChanged(
        { seconds: 60, principal: `account:${principal}`, gone },
        randomUUID(),
        async () => 'pending',
        String,
      );
    const first = wait(0, leaving.signal);
    const others = Array.from({ length: 499 }, (_, index) => wait(1 + Math.floor(index / 10)));
    await expect(wait(51)).rejects.toMatchObject({ code: 'unavailable', details: { retryAfterSeconds: 1 } });
    leaving.abort();
    await first;
    others.push(wait(51));
    draining.begin();
    expect(new Set(await Promise.all(others))).toEqual(new Set(['pending']));
    expect(polls.open).toBe(0);
  }, 30_000);

  it('is answered as it stands when the process is told to end', async () => {
    const id = await askFor(stage);
    const waiting = timed(stage.agent.http.get(path(id, 60)));
    await eventually(() => expect(open()).toBe(1));
    const ending = closeGracefully(world.api, { noticeMilliseconds: 1_000, deadlineMilliseconds: 5_000 });
    const { answer, seconds } = await waiting;
    expect(answer).toMatchObject({ status: 200, body: { status: 'pending' } });
    expect(answer.headers.get('connection')).toBe('close');
    expect(seconds).toBeLessThan(20);
    expect(await world.visitor.get('/health/ready')).toMatchObject({ status: 503, body: { draining: true } });
    expect((await world.visitor.get('/health/live')).status).toBe(200);
    await ending;
    await expect(fetch(`${world.baseUrl}/health/live`)).rejects.toThrow();
  }, 60_000);
});
