import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findTemporal, startTemporal, type Temporal } from '#local-stack';
import { asSystem, databaseNow } from '#persistence';
import { mailsAbout } from '../support/cast.ts';
import {
  askFor,
  decide,
  everyMailOnce,
  setElevationStage,
  storedState,
  type ElevationStage,
} from '../support/elevation-stage.ts';
import { eventually } from '../support/eventually.ts';
import { isThorough } from '../support/fault-trials.ts';
import { mayWrite } from '../support/people.ts';
import { createWorld, type World } from '../support/world.ts';

/** A Temporal of its own, on a file, so that what it knew is there when it comes back. */
let folder: string;
let temporal: Temporal;
let world: World;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-temporal-'));
  const { path: executable } = await findTemporal({ onProgress: () => {} });
  temporal = await startTemporal({ executable, dataFile: join(folder, 'temporal.sqlite') });
  world = await createWorld({ temporalAddress: temporal.address });
}, 180_000);

afterAll(async () => {
  await world?.stop();
  await temporal?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** How often the elevation's workflow was started, and whether it is over. */
async function runsOf(elevationId: string): Promise<string[]> {
  const runs: string[] = [];
  for await (const run of world.temporal.client.workflow.list({ query: `WorkflowId = 'elevation:${elevationId}'` }))
    runs.push(run.status.name);
  return runs;
}

const told = (stage: ElevationStage, id: string) => mailsAbout(world, id, stage.everybody);

async function median(times: number, act: () => Promise<unknown>): Promise<number> {
  const measured: number[] = [];
  for (let time = 0; time < times; time += 1) {
    const start = performance.now();
    await act();
    measured.push(performance.now() - start);
  }
  return measured.sort((left, right) => left - right)[Math.floor(times / 2)] ?? 0;
}

async function latencies(stage: ElevationStage): Promise<number> {
  return median(7, async () => {
    const id = await askFor(stage);
    await decide(stage.admin, id, 'approve');
    await decide(stage.admin, id, 'revoke');
  });
}

describe('while Temporal is away', () => {
  it('a grant is denied at its end, with the worker stopped, too', async () => {
    const stage = await setElevationStage(world);
    const id = await askFor(stage, { durationSeconds: 4 });
    for (const { email } of [stage.admin, stage.secondAdmin])
      await world.mail.waitForMail({ to: email, kind: 'elevation.requested' });
    await decide(stage.admin, id, 'approve');
    expect(await mayWrite(stage.agent, stage.customerId)).toBe(true);

    await world.stopWorker();
    await temporal.stop();
    try {
      expect(await mayWrite(stage.agent, stage.customerId)).toBe(true);
      const { body } = await stage.agent.http.get(`/v1/elevations/${id}?wait=10`);
      expect(body.grant).toMatchObject({ status: 'expired', endedAt: body.grant.expiresAt });
      expect(await mayWrite(stage.agent, stage.customerId)).toBe(false);
      expect(await storedState(world, id)).toBe('approved, grant active');
    } finally {
      await temporal.restart();
      await world.startWorker();
    }
    await eventually(async () => expect(await storedState(world, id)).toBe('approved, grant expired'));
    await eventually(() => expect(told(stage, id)).toEqual(everyMailOnce));
    await eventually(async () => expect(await runsOf(id)).toEqual(['COMPLETED']));
  }, 90_000);

  it('nobody is let in at or after the end of a grant, by the clock of the database, and nobody is put out before', async () => {
    await world.stopWorker();
    await temporal.stop();
    const now = () => world.database.transaction(asSystem, databaseNow);
    const grants = isThorough ? 100 : 12;
    let asked = 0;
    const watch = async (): Promise<void> => {
      const stage = await setElevationStage(world);
      const id = await askFor(stage, { durationSeconds: 2 });
      await decide(stage.admin, id, 'approve');
      const { body } = await stage.agent.http.get(`/v1/elevations/${id}`);
      const end = new Date(body.grant.expiresAt);
      for (let isOver = false; !isOver; asked += 1) {
        const before = await now();
        const allowed = await mayWrite(stage.agent, stage.customerId);
        if (allowed) expect(before.getTime()).toBeLessThan(end.getTime());
        else expect((await now()).getTime()).toBeGreaterThanOrEqual(end.getTime());
        isOver = before.getTime() > end.getTime() + 200;
      }
    };
    try {
      const atOnce = 4;
      for (let done = 0; done < grants; done += atOnce) await Promise.all(Array.from({ length: atOnce }, watch));
    } finally {
      await temporal.restart();
      await world.startWorker();
    }
    process.stderr.write(
      `grant's end: ${grants} grants, ${asked} evaluations around their ends, none allowed too long\n`,
    );
  }, 300_000);

  it('asking, approving, denying and revoking answer as usual, and the workflows catch up, each once', async () => {
    const stage = await setElevationStage(world);
    const withTemporal = await latencies(stage);
    // Asked before, decided while it is away: signals are caught up, not only starts.
    const before = await askFor(stage);
    await eventually(() =>
      expect(told(stage, before)).toEqual(['elevation.requested to Admin', 'elevation.requested to Second admin']),
    );
    await eventually(async () => expect(await runsOf(before)).toEqual(['RUNNING']));

    await temporal.kill();
    const others = [await setElevationStage(world), await setElevationStage(world), await setElevationStage(world)];
    const [denied, revoked, open] = others as [ElevationStage, ElevationStage, ElevationStage];
    await decide(stage.admin, before, 'deny', { unexpected: true });
    const deniedId = await askFor(denied);
    await decide(denied.admin, deniedId, 'deny');
    const revokedId = await askFor(revoked);
    await decide(revoked.admin, revokedId, 'approve');
    expect(await mayWrite(revoked.agent, revoked.customerId)).toBe(true);
    await decide(revoked.secondAdmin, revokedId, 'revoke');
    expect(await mayWrite(revoked.agent, revoked.customerId)).toBe(false);
    const openId = await askFor(open);
    const withoutTemporal = await latencies(await setElevationStage(world));
    process.stderr.write(
      `ask, approve and revoke: ${withTemporal.toFixed(0)} ms with Temporal, ${withoutTemporal.toFixed(0)} ms without\n`,
    );
    // Waiting for an engine that is not there would cost seconds each; noise of a busy machine does not.
    expect(withoutTemporal).toBeLessThan(Math.max(withTemporal, 50) * 5);
    // Away for long enough that every connection's patience is at its longest.
    await sleep(12_000);
    expect(world.mail.mails().filter(({ text }) => text.includes(deniedId))).toEqual([]);

    await temporal.restart();
    const returned = performance.now();
    await eventually(() => {
      expect(told(stage, before)).toEqual([
        'elevation.denied to Agent',
        'elevation.denied to Second admin',
        'elevation.requested to Admin',
        'elevation.requested to Second admin',
        'elevation.unexpected to Admin',
        'elevation.unexpected to Partner admin',
        'elevation.unexpected to Second admin',
      ]);
      // Nobody was asked in time, so nobody but the agent hears how it went.
      expect(told(denied, deniedId)).toEqual(['elevation.denied to Agent']);
      expect(told(revoked, revokedId)).toEqual([
        'elevation.approved to Agent',
        'elevation.ended to Admin',
        'elevation.ended to Agent',
        'elevation.ended to Second admin',
      ]);
      expect(told(open, openId)).toEqual(['elevation.requested to Admin', 'elevation.requested to Second admin']);
    }, 10_000);
    process.stderr.write(`caught up ${((performance.now() - returned) / 1000).toFixed(1)} s after its return\n`);
    await eventually(async () => {
      expect(await runsOf(before)).toEqual(['COMPLETED']);
      expect(await runsOf(deniedId)).toEqual(['COMPLETED']);
      expect(await runsOf(revokedId)).toEqual(['COMPLETED']);
      expect(await runsOf(openId)).toEqual(['RUNNING']);
    });
  }, 120_000);
});
