import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bundleWorkflows, startWorker, type RunningWorker } from '#worker';
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
import { createWorld, type World } from '../support/world.ts';

let world: World;
let folder: string;
let nextVersionsBundle: string;
let newWorker: RunningWorker | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-next-version-'));
  nextVersionsBundle = join(folder, 'bundle.js');
  const workflows = fileURLToPath(new URL('../support/next-version/workflows.ts', import.meta.url));
  await writeFile(nextVersionsBundle, (await bundleWorkflows(workflows)).code);
  world = await createWorld();
}, 120_000);

afterAll(async () => {
  await newWorker?.stop();
  await world?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Whether the elevation's workflow began in the new version: its history names the patch. */
async function beganInTheNewVersion(elevationId: string): Promise<boolean> {
  const { events } = await world.temporal.client.workflow.getHandle(`elevation:${elevationId}`).fetchHistory();
  return (events ?? [])
    .flatMap(({ markerRecordedEventAttributes: marker }) => Object.values(marker?.details ?? {}))
    .flatMap(({ payloads }) => payloads ?? [])
    .some(({ data }) => Buffer.from(data ?? []).includes('looks-twice'));
}

async function failedTasksOf(elevationId: string): Promise<number> {
  const { events } = await world.temporal.client.workflow.getHandle(`elevation:${elevationId}`).fetchHistory();
  return (events ?? []).filter(({ workflowTaskFailedEventAttributes: failure }) => failure).length;
}

interface Running {
  stage: ElevationStage;
  id: string;
}

async function begin(count: number): Promise<Running[]> {
  const running: Running[] = [];
  for (let number = 0; number < count; number += 1) {
    const stage = await setElevationStage(world);
    const id = await askFor(stage, { durationSeconds: 2 });
    await eventually(() =>
      expect(mailsAbout(world, id, stage.everybody)).toEqual([
        'elevation.requested to Admin',
        'elevation.requested to Second admin',
      ]),
    );
    running.push({ stage, id });
  }
  return running;
}

async function finish(all: Running[]): Promise<void> {
  for (const { stage, id } of all) await decide(stage.admin, id, 'approve');
  for (const { stage, id } of all) {
    await eventually(async () => {
      expect(await storedState(world, id)).toBe('approved, grant expired');
      expect(mailsAbout(world, id, stage.everybody)).toEqual(everyMailOnce);
      const { status } = await world.temporal.client.workflow.getHandle(`elevation:${id}`).describe();
      expect(status.name).toBe('COMPLETED');
    }, 60_000);
  }
}

describe('a worker of the new version', () => {
  it('joins while workflows of the old one run, and those of both finish', async () => {
    const { config, database, decisions, temporal } = world;
    const old = await begin(4);
    newWorker = await startWorker({
      config,
      database,
      decisions,
      temporal,
      workflowBundle: { codePath: nextVersionsBundle },
      log: { info() {}, warn() {} },
    });
    // Both poll: who of them gets a new one is chance, and either may have to go on with the other's.
    const together = await begin(6);
    const [stays, ...others] = old as [Running, ...Running[]];
    await finish([...others, ...together.slice(0, 3)]);
    // The old version leaves in the middle of what is left.
    await world.stopWorker();
    const afterwards = await begin(2);
    await finish([stays, ...together.slice(3), ...afterwards]);

    const all = [...old, ...together, ...afterwards];
    const isNew = await Promise.all(all.map(({ id }) => beganInTheNewVersion(id)));
    const tasks = await Promise.all(all.map(({ id }) => failedTasksOf(id)));
    expect(isNew.slice(0, old.length)).toEqual(old.map(() => false));
    expect(isNew.slice(-afterwards.length)).toEqual(afterwards.map(() => true));
    process.stderr.write(
      `versions: ${all.length} workflows finished, ${isNew.filter(Boolean).length} of them began in the new ` +
        `version, ${tasks.reduce((sum, count) => sum + count, 0)} workflow tasks failed on the way\n`,
    );
  }, 240_000);
});
