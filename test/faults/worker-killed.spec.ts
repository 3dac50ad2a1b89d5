import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bundleWorkflows } from '#worker';
import { mailsAbout } from '../support/cast.ts';
import { askFor, decide, setElevationStage, storedState, type ElevationStage } from '../support/elevation-stage.ts';
import { eventually } from '../support/eventually.ts';
import type { Fate } from '../support/worker-that-dies.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let folder: string;
let workflowBundlePath: string;
const children = new Set<ChildProcess>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-worker-'));
  workflowBundlePath = join(folder, 'workflow-bundle.js');
  await writeFile(workflowBundlePath, (await bundleWorkflows()).code);
  world = await createWorld({ worker: false });
}, 120_000);

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await world?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The world's configuration as a process of its own reads it. */
function environment(): Record<string, string> {
  const { config } = world;
  return {
    NODE_ENV: 'test',
    PUBLIC_URL: config.publicUrl,
    DATABASE_URL: config.databaseUrl,
    TEMPORAL_ADDRESS: config.temporalAddress,
    SMTP_URL: config.smtpUrl,
    SUPPORT_TOKEN: config.supportToken,
    PAYLOAD_KEY: config.payloadKey.toString('base64'),
    MINIMUM_DURATION_SECONDS: '1',
    TASK_QUEUE: config.taskQueue,
    LOG_LEVEL: 'info',
  };
}

function run(program: string, argument: string[], env: Record<string, string> = {}): ChildProcess {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const child = spawn(
    process.execPath,
    ['--conditions=source', '--import', '@swc-node/register/esm-register', '--no-warnings', path, ...argument],
    { env: { ...process.env, ...env, NODE_OPTIONS: '' }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

const workerThat = (fate: Pick<Fate, 'rowId' | 'boundary'>) =>
  run('../support/worker-that-dies.ts', [
    JSON.stringify({ ...fate, environment: { ...environment(), LOG_LEVEL: 'silent' }, workflowBundlePath }),
  ]);

const boundaries = [
  'before readElevation',
  'after readElevation pending',
  'before planMails elevation.requested',
  'after planMails elevation.requested',
  'before deliverMail elevation.requested',
  'after deliverMail elevation.requested',
  'after readElevation approved',
  'after planMails elevation.approved',
  'after deliverMail elevation.approved',
  'before settleGrant',
  'after settleGrant active',
  'after settleGrant expired',
  'after planMails elevation.ended',
  'before deliverMail elevation.ended',
  'after deliverMail elevation.ended',
];

const everyMailOnce = [
  'elevation.approved to Agent',
  'elevation.approved to Second admin',
  'elevation.ended to Admin',
  'elevation.ended to Agent',
  'elevation.ended to Second admin',
  'elevation.requested to Admin',
  'elevation.requested to Second admin',
];

/** Asked, approved once both administrators have the mail, and run out, however often workers die meanwhile. */
async function finish(stage: ElevationStage, id: string): Promise<string[]> {
  for (const { email } of [stage.admin, stage.secondAdmin])
    await world.mail.waitForMail({ to: email, kind: 'elevation.requested' }, 120_000);
  await decide(stage.admin, id, 'approve');
  await eventually(async () => {
    expect(await storedState(world, id)).toBe('approved, grant expired');
    expect(mailsAbout(world, id, stage.everybody)).toEqual(everyMailOnce);
  }, 120_000).catch(() => {});
  return [await storedState(world, id), ...mailsAbout(world, id, stage.everybody)];
}

describe('a worker killed', () => {
  it('at any boundary of an activity leaves one final state and one mail of each kind per person', async () => {
    const stories: { boundary: string; id: string; story: Promise<string[]> }[] = [];
    for (const boundary of boundaries) {
      const stage = await setElevationStage(world);
      const id = await askFor(stage, { durationSeconds: 1 });
      const worker = workerThat({ rowId: id, boundary });
      const story = finish(stage, id);
      story.catch(() => {});
      stories.push({ boundary, id, story });
      const [, signal] = await once(worker, 'exit');
      expect([boundary, signal]).toEqual([boundary, 'SIGKILL']);
    }
    const survivor = workerThat({ rowId: '', boundary: null });
    for (const { boundary, story } of stories) {
      expect([boundary, ...(await story)]).toEqual([boundary, 'approved, grant expired', ...everyMailOnce]);
    }
    for (const { id } of stories) {
      const handle = world.temporal.client.workflow.getHandle(`elevation:${id}`);
      await eventually(async () => expect((await handle.describe()).status.name).toBe('COMPLETED'));
    }
    survivor.kill('SIGTERM');
    expect(await once(survivor, 'exit')).toEqual([0, null]);
  }, 280_000);

  it('politely finishes and ends with 0', async () => {
    const worker = run('../../apps/worker/main.ts', [], environment());
    let output = '';
    worker.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await eventually(() => expect(output).toContain('The worker is running'), 60_000);
    worker.kill('SIGTERM');
    expect(await once(worker, 'exit')).toEqual([0, null]);
  }, 90_000);
});
