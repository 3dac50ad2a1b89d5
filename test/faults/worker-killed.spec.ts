import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { asSystem, MailDelivery } from '#persistence';
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
import { environmentOf, runProgram, type ProgramOptions } from '../support/supervised-process.ts';
import type { Fate } from '../support/worker-that-dies.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
const workflowBundlePath = process.env['COUNTERSIGN_TEST_WORKFLOW_BUNDLE'];
const children = new Set<ChildProcess>();

beforeAll(async () => {
  world = await createWorld({ worker: false });
}, 120_000);

afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
});

afterAll(() => world?.stop());

function run(program: string, options: ProgramOptions): ChildProcess {
  const child = runProgram(program, options);
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

const workerThat = (fate: Pick<Fate, 'rowId' | 'boundary'>) =>
  run('./worker-that-dies.ts', {
    environment: {},
    argument: [JSON.stringify({ ...fate, environment: environmentOf(world), workflowBundlePath })],
  });

const boundaries = [
  'before readElevation',
  'after readElevation pending',
  'before sendMails elevation.requested',
  'after sendMails elevation.requested',
  'after readElevation approved',
  'before sendMails elevation.approved',
  'after sendMails elevation.approved',
  'before settleGrant',
  'after settleGrant active',
  'after settleGrant expired',
  'before sendMails elevation.ended',
  'after sendMails elevation.ended',
];

/**
 * Kinds and people of the mails about the elevation. The worker may die over another mail that the server has taken and
 * nobody has answered for yet: that one comes again as the same mail, by its Message-ID, and counts once.
 */
function mailsOf(stage: ElevationStage, id: string): string[] {
  const copies = new Map<string, number>();
  for (const mail of world.mail.mails().filter(({ text }) => text.includes(id)))
    copies.set(mail.messageId, (copies.get(mail.messageId) ?? 0) + 1);
  // Every death can repeat the mails that were on their way just then, and nothing else can.
  expect(Math.max(0, ...copies.values())).toBeLessThanOrEqual(1 + boundaries.length);
  const repeated = [...copies.values()].reduce((sum, count) => sum + count - 1, 0);
  const all = mailsAbout(world, id, stage.everybody);
  const kinds = [...new Set(all)];
  // Two mails of one kind to one person with different Message-IDs stay two.
  return kinds.length + repeated === all.length ? kinds : all;
}

/** Asked, approved once both administrators have the mail, and run out, however often workers die meanwhile. */
async function finish(stage: ElevationStage, id: string): Promise<string[]> {
  for (const { email } of [stage.admin, stage.secondAdmin])
    await world.mail.waitForMail({ to: email, kind: 'elevation.requested' }, 120_000);
  await decide(stage.admin, id, 'approve');
  await eventually(async () => {
    expect(await storedState(world, id)).toBe('approved, grant expired');
    expect(mailsOf(stage, id)).toEqual(everyMailOnce);
  }, 120_000).catch(() => {});
  return [await storedState(world, id), ...mailsOf(stage, id)];
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
    const ends = await Promise.all(stories.map(async ({ boundary, story }) => [boundary, ...(await story)]));
    expect(ends).toEqual(boundaries.map((boundary) => [boundary, 'approved, grant expired', ...everyMailOnce]));
    for (const { id } of stories) {
      const handle = world.temporal.client.workflow.getHandle(`elevation:${id}`);
      // A task that died with its worker is given to another after ten seconds.
      await eventually(async () => expect((await handle.describe()).status.name).toBe('COMPLETED'), 60_000);
    }
    survivor.kill('SIGTERM');
    expect(await once(survivor, 'exit')).toEqual([0, null]);
  }, 420_000);

  it('after planning a mail that the story has no use for any more leaves no mail waiting for ever', async () => {
    const stage = await setElevationStage(world);
    const id = await askFor(stage);
    for (const { email } of [stage.admin, stage.secondAdmin]) world.mail.failNext(50, 'hang', email);
    const worker = workerThat({ rowId: '', boundary: null });
    await eventually(async () => {
      const planned = await world.database.transaction(asSystem, (em) => em.count(MailDelivery, { rowId: id }));
      expect(planned).toBe(2);
    }, 60_000);
    // Nothing has gone out yet: the mail server says nothing.
    worker.kill('SIGKILL');
    expect((await once(worker, 'exit'))[1]).toBe('SIGKILL');
    world.mail.clearFaults();
    // Temporal knows nothing of the plan: the next worker begins again, and finds a decision.
    await decide(stage.admin, id, 'deny');
    const survivor = workerThat({ rowId: '', boundary: null });
    await eventually(async () => {
      const deliveries = await world.database.transaction(asSystem, (em) => em.find(MailDelivery, { rowId: id }));
      expect(new Set(deliveries.map(({ kind, status }) => `${kind} ${status}`))).toEqual(
        new Set(['elevation.denied sent', 'elevation.requested obsolete']),
      );
    }, 60_000);
    survivor.kill('SIGTERM');
    await once(survivor, 'exit');
  }, 120_000);

  it('politely finishes and ends with 0', async () => {
    const worker = run('../../apps/worker/main.ts', { environment: { ...environmentOf(world), LOG_LEVEL: 'info' } });
    let output = '';
    worker.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await eventually(() => expect(output).toContain('The worker is running'), 60_000);
    worker.kill('SIGTERM');
    expect(await once(worker, 'exit')).toEqual([0, null]);
  }, 90_000);
});
