import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { askFor, setElevationStage, storedState, type ElevationStage } from '../support/elevation-stage.ts';
import { eventually } from '../support/eventually.ts';
import { isWorkedOff, prepare, sendEverything, workAsUsual, type Prepared } from '../support/every-request.ts';
import { createFaultyWorld, isUnavailable, type FaultyWorld } from '../support/faulty-world.ts';

/** What takes a question or two of the database may be answered by then, late and right. */
const lateAndRight = new RegExp(
  [
    '^(who am I|a list|one elevation|members|effective access|audit events|export|ready|one evaluation|evaluations): 200',
    // Nobody has sent this link, and the administrator of the stage has no password.
    '^accept an invite: 404',
    '^sign in: 401',
  ].join('|'),
);

/** As `libs/persistence/patience.ts` promises of two transactions, and what a busy machine adds. */
const longestMilliseconds = 26_000 + 4_000;

let faulty: FaultyWorld;
const figures: string[] = [];

beforeAll(async () => {
  faulty = await createFaultyWorld();
}, 120_000);

afterAll(async () => {
  await faulty?.stop();
  process.stderr.write(`postgres: ${figures.join('; ')}\n`);
});

async function approve({ admin }: ElevationStage, id: string) {
  const start = performance.now();
  const answer = await admin.http.post(`/v1/elevations/${id}/approve`, {});
  return { answer, seconds: (performance.now() - start) / 1000 };
}

/** Everything works again within five seconds, with every connection of the pool. */
async function recovers(prepared: Prepared): Promise<number> {
  const returned = performance.now();
  const { id } = await eventually(() => workAsUsual(faulty), 5_000);
  const seconds = (performance.now() - returned) / 1000;
  expect(seconds).toBeLessThan(5);
  await eventually(async () => expect(await isWorkedOff(faulty, id)).toBe(true), 15_000);
  expect(await storedState(faulty, prepared.pendingId)).toBe('pending');
  const { agent } = prepared.fresh;
  const answers = await Promise.all(Array.from({ length: 50 }, () => agent.http.get('/v1/elevations')));
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  return seconds;
}

describe('PostgreSQL', () => {
  it('a tenth of a second late: everything works, slowly', async () => {
    faulty.network.delay(100);
    const stage = await setElevationStage(faulty.world);
    const { answer, seconds } = await approve(stage, await askFor(stage));
    await faulty.network.pass();
    expect(answer.status).toBe(200);
    figures.push(`each answer 0.1 s late: an approval takes ${seconds.toFixed(1)} s`);
  }, 60_000);

  it('three seconds late with every answer: 503 in bounded time, and no connection is lost', async () => {
    const prepared = await prepare(faulty);
    faulty.network.delay(3_000);
    const { slowest, wrong } = await sendEverything(faulty, prepared);
    await faulty.network.pass();
    expect(wrong.filter((answer) => !lateAndRight.test(answer))).toEqual([]);
    expect(slowest).toBeLessThan(longestMilliseconds);
    const back = await recovers(prepared);
    figures.push(
      `each answer 3 s late: 503 within ${(slowest / 1000).toFixed(1)} s, as before after ${back.toFixed(1)} s`,
    );
  }, 120_000);

  it('in a network that swallows everything: 503 in bounded time, and no connection is lost', async () => {
    const prepared = await prepare(faulty);
    faulty.network.swallow();
    const { slowest, wrong } = await sendEverything(faulty, prepared);
    expect(wrong).toEqual([]);
    expect(slowest).toBeLessThan(longestMilliseconds);
    await faulty.network.pass();
    const back = await recovers(prepared);
    figures.push(
      `everything swallowed: 503 within ${(slowest / 1000).toFixed(1)} s, as before after ${back.toFixed(1)} s`,
    );
  }, 120_000);

  it('that hears no more of somebody who holds a row lets others have it soon', async () => {
    const stage = await setElevationStage(faulty.world);
    const id = await askFor(stage);
    await sleep(1_500);
    faulty.network.breakAt({ at: /from "elevation".* for update/s, when: 'after', how: 'swallow' });
    const swallowed = approve(stage, id);
    await eventually(() => expect(faulty.network.hasBroken).toBe(true));
    const start = performance.now();
    // Whoever comes meanwhile is told to come again, and is let in once the server has given the silent one up.
    const waited = await eventually(async () => {
      const answer = await stage.secondAdmin.http.post(`/v1/elevations/${id}/approve`, {});
      if (answer.status !== 200) {
        expect(isUnavailable(answer)).toBe(true);
        throw new Error('The row is still held');
      }
      return (performance.now() - start) / 1000;
    }, 20_000);
    expect(waited).toBeLessThan(15);
    const first = await swallowed;
    expect(isUnavailable(first.answer)).toBe(true);
    expect(await storedState(faulty, id)).toBe('approved, grant active');
    figures.push(
      `silent with a lock: told 503 after ${first.seconds.toFixed(1)} s, another one decides after ${waited.toFixed(1)} s`,
    );
  }, 60_000);
});
