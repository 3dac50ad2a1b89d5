import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isThorough } from '../support/fault-trials.ts';
import { askFor, decide, setElevationStage, storedState } from '../support/elevation-stage.ts';
import { eventually } from '../support/eventually.ts';
import { isWorkedOff, prepare, sendEverything, workAsUsual } from '../support/every-request.ts';
import { createFaultyWorld, isUnavailable, type FaultyWorld } from '../support/faulty-world.ts';
import { startOwnPostgres, type OwnPostgres } from '../support/own-postgres.ts';
import { mayWrite } from '../support/people.ts';

/** Each kind of end so often; more for a long run. */
const rounds = isThorough ? 5 : 1;

let postgres: OwnPostgres;
let faulty: FaultyWorld;
const figures: string[] = [];

beforeAll(async () => {
  postgres = await startOwnPostgres();
  faulty = await createFaultyWorld({}, postgres.url);
}, 120_000);

afterAll(async () => {
  await faulty?.stop();
  await postgres?.stop();
  process.stderr.write(`postgres: ${figures.join('; ')}\n`);
});

/** Seconds from now until everything works again, by the same API and the same worker. */
async function secondsUntilRecovered(): Promise<{ api: number; worker: number }> {
  const returned = performance.now();
  const { stage, id } = await eventually(() => workAsUsual(faulty), 30_000);
  const api = (performance.now() - returned) / 1000;
  await eventually(async () => expect(await isWorkedOff(faulty, id)).toBe(true), 30_000);
  await faulty.world.mail.waitForMail({ to: stage.agent.email, kind: 'elevation.approved' }, 30_000);
  return { api, worker: (performance.now() - returned) / 1000 };
}

async function survives(name: string, end: () => Promise<void>, begin: () => Promise<void>): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const prepared = await prepare(faulty);
    expect(await mayWrite(prepared.granted.agent, prepared.granted.customerId)).toBe(true);
    await end();
    const away = await sendEverything(faulty, prepared);
    expect(away.wrong).toEqual([]);
    // Long enough for everything that tries again to have become patient.
    await sleep(3_000);
    expect((await sendEverything(faulty, prepared)).wrong).toEqual([]);
    await begin();
    const { api, worker } = await secondsUntilRecovered();
    expect([api, worker].filter((seconds) => seconds > 5)).toEqual([]);
    // Nothing was done while it was away, and what was done before is still there.
    expect(await storedState(faulty, prepared.pendingId)).toBe('pending');
    expect(await mayWrite(prepared.granted.agent, prepared.granted.customerId)).toBe(true);
    figures.push(
      `${name}: answered within ${(away.slowest / 1000).toFixed(1)} s, API back after ${api.toFixed(1)} s, worker after ${worker.toFixed(1)} s`,
    );
  }
}

describe('PostgreSQL', () => {
  it('killed and started again: 503 and no access meanwhile, everything as before afterwards', async () => {
    await survives(
      'killed',
      () => postgres.kill(),
      () => postgres.start(),
    );
  }, 120_000);

  it('shut down and started again: the same', async () => {
    await survives(
      'shut down',
      () => postgres.shutDown(),
      () => postgres.start(),
    );
  }, 120_000);

  it('not to be reached: the same', async () => {
    const { network } = faulty;
    await survives(
      'not reached',
      () => network.refuse(),
      () => network.pass(),
    );
  }, 120_000);

  it('killed while many decide: what was confirmed is there, what was not is whole or not there', async () => {
    const stages = await Promise.all(Array.from({ length: 12 }, () => setElevationStage(faulty.world)));
    const cases: { id: string; stage: (typeof stages)[number] }[] = [];
    for (const stage of stages) cases.push({ stage, id: await askFor(stage) });
    const confirmed = new EventEmitter();
    let count = 0;
    const approvals = cases.map(async ({ stage, id }) => {
      const answer = await stage.admin.http.post(`/v1/elevations/${id}/approve`, {});
      expect(answer.status === 200 || isUnavailable(answer)).toBe(true);
      if (answer.status === 200 && (count += 1) === 3) confirmed.emit('three');
      return answer.status;
    });
    await once(confirmed, 'three');
    await postgres.kill();
    const answered = await Promise.all(approvals);
    await postgres.start();
    await eventually(() => workAsUsual(faulty), 5_000);
    for (const [index, { id, stage }] of cases.entries()) {
      const state = await storedState(faulty, id);
      if (answered[index] === 200) expect(state).toBe('approved, grant active');
      else expect(['pending', 'approved, grant active']).toContain(state);
      await decide(stage.admin, id, 'approve');
      expect(await storedState(faulty, id)).toBe('approved, grant active');
      expect(await mayWrite(stage.agent, stage.customerId)).toBe(true);
    }
    figures.push(`killed among 12 decisions: ${answered.filter((status) => status === 200).length} confirmed and kept`);
  }, 120_000);

  it('resetting all connections again and again under load: each answer is right or a 503, and all connections come back', async () => {
    const { network } = faulty;
    const stage = await setElevationStage(faulty.world);
    const resets = setInterval(() => network.cutAll(), 300);
    const answers = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        await sleep(index * 15);
        return stage.agent.http.get('/v1/elevations');
      }),
    );
    clearInterval(resets);
    expect(answers.filter((answer) => answer.status !== 200 && !isUnavailable(answer))).toEqual([]);
    const afterwards = await Promise.all(Array.from({ length: 50 }, () => stage.agent.http.get('/v1/elevations')));
    expect(afterwards.filter(({ status }) => status !== 200)).toEqual([]);
    figures.push(`reset under load: ${answers.filter(({ status }) => status === 503).length} of 200 answers were 503`);
  }, 60_000);
});
