import { randomUUID } from 'node:crypto';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { workflowId, workflowTypes, type WorkflowType } from '#contracts';
import { findTemporal, startTemporal, type Temporal } from '#local-stack';
import { asSystem, databaseNow, Elevation, Grant } from '#persistence';
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
import { migrate } from '../support/migrated-database.ts';
import { startOwnPostgres, type OwnPostgres } from '../support/own-postgres.ts';
import { mayWrite } from '../support/people.ts';
import { createWorld, type World } from '../support/world.ts';

/** A Temporal that remembers nothing: started again it is as if its database had been lost. */
let executable: string;
let temporal: Temporal;
let postgres: OwnPostgres | undefined;
let world: World;

beforeAll(async () => {
  executable = (await findTemporal({ onProgress: () => {} })).path;
}, 180_000);

beforeEach(async () => {
  temporal = await startTemporal({ executable });
}, 60_000);

afterEach(async () => {
  await world?.stop();
  await temporal?.stop();
  await postgres?.stop();
  postgres = undefined;
}, 60_000);

/** How the runs of the row's workflow stand; none where Temporal does not know of it. */
async function runsOf(type: WorkflowType, rowId: string): Promise<string[]> {
  const runs: string[] = [];
  const query = `WorkflowId = '${workflowId(type, rowId)}'`;
  for await (const run of world.temporal.client.workflow.list({ query })) runs.push(run.status.name);
  return runs;
}

const told = (stage: ElevationStage, id: string) => mailsAbout(world, id, stage.everybody);
const asked = ['elevation.requested to Admin', 'elevation.requested to Second admin'];
const expired = ['elevation.expired to Admin', 'elevation.expired to Agent', 'elevation.expired to Second admin'];

async function overdueFigures(): Promise<string[]> {
  const response = await fetch(`${world.baseUrl}/metrics`);
  return (await response.text()).split('\n').filter((line) => /^countersign_rows_overdue.* [^0]/.test(line));
}

/** Seconds until a lost workflow is missed, and some for the looking. */
const converged = 60_000;

describe('where Temporal lost everything', () => {
  beforeEach(async () => {
    world = await createWorld({ temporalAddress: temporal.address });
  }, 60_000);

  const wipe = async () => {
    await temporal.kill();
    await temporal.restart();
    expect(await runsOf('elevation', randomUUID())).toEqual([]);
  };

  it('what was open goes on: requests expire, grants end, mails go out, each once', async () => {
    const overdue = await setElevationStage(world);
    const granted = await setElevationStage(world);
    const open = await setElevationStage(world);
    const stuck = await setElevationStage(world);
    const overdueId = await askFor(overdue);
    const grantedId = await askFor(granted);
    const openId = await askFor(open);
    await eventually(() => expect(told(granted, grantedId)).toEqual(asked));
    await decide(granted.admin, grantedId, 'approve');
    // The mail server says "later" for so long that the workflow waits for its next try when it is lost.
    world.mail.failNext(1_000, 'reject-4xx', stuck.admin.email);
    const stuckId = await askFor(stuck);
    const email = `new-${randomUUID()}@people.example`;
    const invites = `/v1/organizations/${open.customerId}/invites`;
    const invited = await open.admin.http.post(invites, { email, displayName: 'New', workspaceRole: 'full_access' });
    await eventually(() => {
      expect(told(overdue, overdueId)).toEqual(asked);
      expect(told(open, openId)).toEqual(asked);
      expect(told(stuck, stuckId)).toEqual(asked.slice(1));
      expect(told(granted, grantedId)).toContain('elevation.approved to Agent');
      expect(world.mail.mails().filter(({ to }) => to.includes(email))).toHaveLength(1);
    }, 30_000);
    // Told to a Temporal that no worker asks, and then forgotten by it.
    await world.stopWorker();
    const denied = await setElevationStage(world);
    const deniedId = await askFor(denied);
    await decide(denied.admin, deniedId, 'deny', { unexpected: true });
    await eventually(async () => expect(await runsOf('elevation', deniedId)).toEqual(['RUNNING']));

    await wipe();
    await world.database.transaction(asSystem, async (em) => {
      const now = await databaseNow(em);
      await em.nativeUpdate(Elevation, { id: overdueId }, { decideBy: now });
      await em.nativeUpdate(Grant, { sourceId: grantedId }, { expiresAt: now });
    });
    world.mail.clearFaults();
    await world.startWorker();

    await eventually(async () => {
      expect(await storedState(world, overdueId)).toBe('expired');
      expect(await storedState(world, grantedId)).toBe('approved, grant expired');
      expect(told(overdue, overdueId)).toEqual([...expired, ...asked]);
      expect(told(granted, grantedId)).toEqual(everyMailOnce);
      expect(told(stuck, stuckId)).toEqual(asked);
      expect(told(denied, deniedId)).toEqual([
        'elevation.denied to Agent',
        'elevation.unexpected to Admin',
        'elevation.unexpected to Partner admin',
        'elevation.unexpected to Second admin',
      ]);
      expect(await runsOf('elevation', openId)).toEqual(['RUNNING']);
      expect(await runsOf('invite', invited.body.id)).toEqual(['RUNNING']);
      expect(await overdueFigures()).toEqual([]);
    }, converged);
    // What was told before is not told again, and what goes on goes on as if nothing had been.
    expect(told(open, openId)).toEqual(asked);
    expect(world.mail.mails().filter(({ to }) => to.includes(email))).toHaveLength(1);
    await decide(open.admin, openId, 'approve');
    expect(await mayWrite(open.agent, open.customerId)).toBe(true);
    await eventually(() => expect(told(open, openId)).toContain('elevation.approved to Agent'));
  }, 180_000);

  it('what is overdue is told to operators while nobody sees to it', async () => {
    const stage = await setElevationStage(world, { elevationPendingSeconds: 1 });
    await world.stopWorker();
    await askFor(stage);
    expect(await overdueFigures()).toEqual([]);
    await eventually(
      async () => expect(await overdueFigures()).toEqual(['countersign_rows_overdue{kind="elevation"} 1']),
      converged,
    );
  }, 120_000);
});

describe('where yesterday’s database was put back', () => {
  it('open rows find a workflow again, and workflows whose rows are gone end', async () => {
    postgres = await startOwnPostgres();
    const { url } = postgres;
    await migrate(url);
    world = await createWorld({ temporalAddress: temporal.address, databaseAt: () => url });
    const ready = () => eventually(async () => expect((await world.visitor.get('/health/ready')).status).toBe(200));

    const undecided = await setElevationStage(world);
    const ending = await setElevationStage(world);
    const undecidedId = await askFor(undecided);
    const endingId = await askFor(ending, { durationSeconds: 60 });
    await decide(ending.admin, endingId, 'approve');
    await eventually(() => {
      expect(told(undecided, undecidedId)).toEqual(asked);
      expect(told(ending, endingId)).toContain('elevation.approved to Agent');
    }, 30_000);
    await postgres.keepCopy();
    await ready();

    // A day goes by: decided, given back, and asked anew, all of which the copy does not know.
    await decide(undecided.admin, undecidedId, 'deny');
    await decide(ending.agent, endingId, 'return');
    const goneId = await askFor(ending);
    await eventually(async () => {
      expect(await runsOf('elevation', undecidedId)).toEqual(['COMPLETED']);
      expect(await runsOf('elevation', endingId)).toEqual(['COMPLETED']);
      expect(told(ending, goneId)).toEqual(asked);
    }, 30_000);
    await postgres.restoreCopy();
    await ready();
    await world.database.transaction(asSystem, async (em) =>
      em.nativeUpdate(Grant, { sourceId: endingId }, { expiresAt: await databaseNow(em) }),
    );

    await eventually(async () => {
      expect(await storedState(world, endingId)).toBe('approved, grant expired');
      expect(await runsOf('elevation', undecidedId)).toEqual(['RUNNING', 'COMPLETED']);
      expect(await runsOf('elevation', endingId)).toEqual(['COMPLETED', 'COMPLETED']);
    }, converged);
    await decide(undecided.admin, undecidedId, 'approve');
    await eventually(() => expect(told(undecided, undecidedId)).toContain('elevation.approved to Agent'));

    await world.temporal.nudge({
      workflowType: 'elevation',
      workflowId: workflowId('elevation', goneId),
      rowId: goneId,
    });
    await eventually(async () => expect(await runsOf('elevation', goneId)).toEqual(['FAILED']));
  }, 240_000);
});

describe('a workflow whose row is not there', () => {
  it('ends instead of asking without end, whichever it is', async () => {
    world = await createWorld({ temporalAddress: temporal.address });
    const rowId = randomUUID();
    const types = Object.values(workflowTypes);
    for (const workflowType of types)
      await world.temporal.nudge({ workflowType, workflowId: workflowId(workflowType, rowId), rowId });
    await eventually(async () => {
      for (const type of types)
        expect([type, (await runsOf(type, rowId))[0]]).toEqual([type, expect.stringMatching(/^(FAILED|COMPLETED)$/)]);
    }, 30_000);
    for (const type of types) {
      const { historyLength } = await world.temporal.client.workflow.getHandle(workflowId(type, rowId)).describe();
      expect(historyLength).toBeLessThan(30);
    }
  }, 90_000);
});
