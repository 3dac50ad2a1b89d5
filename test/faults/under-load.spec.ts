import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isThorough, trials } from '../support/fault-trials.ts';
import { brokenTrails, caughtUp, doubledMails, standing, unfinishedRuns } from '../support/aftermath.ts';
import { startProcessService, victims, type ProcessService } from '../support/process-service.ts';
import { Random } from '../support/random.ts';
import { RunningLoad, type Told } from '../support/running-load.ts';

const outageSeconds = isThorough ? 60 : 8;
const seed = Number(process.env['FAULT_SEED'] ?? randomInt(2 ** 31));

let service: ProcessService;
/** What people were told in all stories so far. */
const told: Told[] = [];

beforeAll(async () => {
  service = await startProcessService();
}, 180_000);

afterAll(async () => {
  await service?.stop();
}, 60_000);

/** Ends the load; every story must have come to its end. */
async function over(load: RunningLoad): Promise<void> {
  await load.stop();
  if (load.failures.length > 0) throw new Error(`${load.failures.join('\n')}\n${service.api.lastWords}`);
  told.push(...load.told);
}

/** Nothing lost, nothing doubled, everything at its end. @returns seconds until nothing of each kind waited any more */
async function expectEverythingAsTold(): Promise<Record<string, number>> {
  const seconds = await caughtUp(service, 120_000);
  const stands = await standing(service);
  // No row that nobody was told of, none missing, and each as its people were told, event by event.
  expect(stands.size).toBe(told.length);
  expect(told.map(({ id }) => stands.get(id))).toEqual(told.map((one) => expect.objectContaining({ ...one })));
  expect(await doubledMails(service)).toEqual([]);
  expect(await unfinishedRuns(service)).toEqual([]);
  expect(await brokenTrails(service)).toEqual([]);
  return seconds;
}

describe('under a running load', () => {
  it('SIGKILL of API, worker, Temporal, PostgreSQL or all at once loses nothing, doubles nothing, and every workflow ends', async () => {
    const random = new Random(seed);
    const load = new RunningLoad(service, random);
    await load.start(5);
    const plan = random.shuffled(
      Array.from({ length: trials }, () => [...victims.map((victim) => [victim]), [...victims]]).flat(),
    );
    const recoveries: number[] = [];
    for (const killed of plan) {
      await sleep(300 + random.below(2_000));
      await Promise.all(killed.map((victim) => service.kill(victim)));
      await sleep(random.below(1_500));
      const restoring = performance.now();
      await Promise.all(random.shuffled(killed).map((victim) => service.restore(victim)));
      await service.untilReady();
      recoveries.push((performance.now() - restoring) / 1000);
    }
    await over(load);
    await expectEverythingAsTold();
    process.stderr.write(
      `killed under load: FAULT_SEED=${seed}, ${plan.length} kills, ${load.told.length} stories, ` +
        `${load.troubles.unanswered} requests without an answer and ${load.troubles.unavailable} with 503; ` +
        `ready again after ${Math.max(...recoveries).toFixed(1)} s at most\n`,
    );
  }, 3_600_000);

  it('every request and decision is answered while Temporal is stopped, and all is caught up after its return', async () => {
    const load = new RunningLoad(service, new Random(seed), 1_500);
    await load.start(2);
    await sleep(2_000);
    await service.kill('Temporal');
    await sleep(outageSeconds * 1000);
    await over(load);
    expect(load.troubles).toEqual({ unanswered: 0, unavailable: 0 });
    await service.restore('Temporal');
    const seconds = await expectEverythingAsTold();
    process.stderr.write(
      `Temporal stopped for ${outageSeconds} s: ${load.told.length} stories, all answered; ` +
        `caught up ${Math.max(...Object.values(seconds))} s after its return (${JSON.stringify(seconds)})\n`,
    );
  }, 400_000);
});
