import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asSystem } from '#persistence';
import { isThorough } from '../support/fault-trials.ts';
import { askFor, decide, setElevationStage } from '../support/elevation-stage.ts';
import { eventually } from '../support/eventually.ts';
import { createFaultyWorld, isUnavailable, type FaultyWorld } from '../support/faulty-world.ts';
import type { Answer } from '../support/http-client.ts';

/** Each boundary of each act so often. Without a number: each of an approval once, and a sample of the others. */
const rounds = isThorough ? 1 : 0;
const sampleEvery = 6;

let faulty: FaultyWorld;

beforeAll(async () => {
  // Without a worker nothing but the act itself is on the wire; its nudge comes after the commit.
  faulty = await createFaultyWorld({ worker: false });
}, 120_000);

afterAll(() => faulty?.stop());

/** Everything that decisions write about the customer: half of it would show. */
async function written(customerId: string): Promise<string> {
  return faulty.database.transaction(asSystem, async (em) => {
    const [row] = await em.execute<{ written: string }[]>(
      `select concat_ws(', ',
         (select 'request ' || string_agg(status, '+') from elevation where customer_id = ?),
         (select 'invite ' || string_agg(status, '+') from invite where organization_id = ?),
         (select 'grant ' || string_agg(status, '+') from "grant" where organization_id = ?),
         (select string_agg(action || coalesce(' with grant' || left(grant_id::text, 0), ''), '+' order by recorded_order)
            from audit_event where ?::uuid = any (organization_ids)),
         (select 'revision ' || sum(requested_revision) from workflow_nudge where row_id in
           (select id from elevation where customer_id = ? union all select id from invite where organization_id = ?)),
         (select nullif(count(*), 0) || ' answer kept' from idempotency_record where response::text like '%' || ?::text || '%')
       ) as written`,
      Array.from({ length: 7 }, () => customerId),
    );
    return row?.written ?? '';
  });
}

/** One request that is one transaction, and what is written before and after it. */
interface Act {
  prepare: () => Promise<{ customerId: string; send: () => Promise<Answer> }>;
  status: number;
  before: string;
  after: string;
}

const requested = 'request pending, elevation.requested, revision 1';
const approved = 'request approved, grant active, elevation.requested+elevation.approved with grant, revision 2';

const acts: Record<string, Act> = {
  ask: {
    async prepare() {
      const { agent, customerId } = await setElevationStage(faulty.world);
      const key = { 'idempotency-key': randomUUID() };
      return {
        customerId,
        send: () => agent.http.post('/v1/elevations', { customerId, reason: 'Phones do not register' }, key),
      };
    },
    status: 201,
    before: '',
    after: `${requested}, 1 answer kept`,
  },
  approve: {
    async prepare() {
      const stage = await setElevationStage(faulty.world);
      const id = await askFor(stage);
      return {
        customerId: stage.customerId,
        send: () => stage.admin.http.post(`/v1/elevations/${id}/approve`, {}),
      };
    },
    status: 200,
    before: requested,
    after: approved,
  },
  deny: {
    async prepare() {
      const stage = await setElevationStage(faulty.world);
      const id = await askFor(stage);
      return {
        customerId: stage.customerId,
        send: () => stage.admin.http.post(`/v1/elevations/${id}/deny`, { unexpected: true }),
      };
    },
    status: 200,
    before: requested,
    after: 'request denied, elevation.requested+elevation.denied, revision 2',
  },
  revoke: {
    async prepare() {
      const stage = await setElevationStage(faulty.world);
      const id = await askFor(stage);
      await decide(stage.admin, id, 'approve');
      return {
        customerId: stage.customerId,
        send: () => stage.secondAdmin.http.post(`/v1/elevations/${id}/revoke`, {}),
      };
    },
    status: 200,
    before: approved,
    after: `request approved, grant revoked, elevation.requested+elevation.approved with grant+elevation.revoked with grant, revision 3`,
  },
  invite: {
    async prepare() {
      const { admin, customerId } = await setElevationStage(faulty.world);
      const key = { 'idempotency-key': randomUUID() };
      const body = { email: `${randomUUID()}@people.example`, displayName: 'New', workspaceRole: 'full_access' };
      return { customerId, send: () => admin.http.post(`/v1/organizations/${customerId}/invites`, body, key) };
    },
    status: 201,
    before: '',
    after: 'invite pending, invite.created, revision 1, 1 answer kept',
  },
};

const tally = { cuts: 0, whole: 0, done: 0, undone: 0 };

/** The nudge of what came before has been delivered, too: nothing else is on the wire any more. */
const quiet = (customerId: string) =>
  eventually(() =>
    faulty.database.transaction(asSystem, async (em) => {
      const open = await em.execute(
        `select 1 from workflow_nudge where delivered_revision < requested_revision
           and row_id in (select id from elevation where customer_id = ?)`,
        [customerId],
      );
      expect(open).toEqual([]);
    }),
  );

/** Cuts one connection while the act is under way, then lets it be repeated. */
async function cut(
  name: string,
  { prepare, status, before, after }: Act,
  at: number,
  when: 'before' | 'after',
): Promise<void> {
  const { network } = faulty;
  const { customerId, send } = await prepare();
  const place = `${name}, ${when} message ${at}`;
  expect([place, await written(customerId)]).toEqual([place, before]);
  await quiet(customerId);

  network.breakAt({ at, when });
  const first = await send();
  const hasBroken = network.hasBroken;
  await network.pass();
  if (!hasBroken) {
    // A connection that knew the statements already needed fewer messages than the one that was counted.
    expect([place, first.status, await written(customerId)]).toEqual([place, status, after]);
    tally.whole += 1;
    return;
  }
  const between = await written(customerId);
  expect([place, [before, after]]).toEqual([place, expect.arrayContaining([between])]);
  if (first.status === status) expect([place, between]).toEqual([place, after]);
  else expect([place, first.status, isUnavailable(first)]).toEqual([place, 503, true]);

  const again = await send();
  expect([place, again.status, await written(customerId)]).toEqual([place, status, after]);
  if (first.status === status) expect(again.body.id).toBe(first.body.id);
  tally.cuts += 1;
  tally[between === after ? 'done' : 'undone'] += 1;
}

/** How a message begins that commits: by itself, or in one with the last statement of a decision. */
const commits = /^(commit|\/\* last words \*\/)/i;

describe('a connection that breaks', () => {
  it.each(Object.entries(acts))(
    'at any message of: %s, leaves all of it or nothing',
    async (name, act) => {
      const { network } = faulty;
      const trial = await act.prepare();
      await quiet(trial.customerId);
      network.record();
      expect((await trial.send()).status).toBe(act.status);
      const messages = network.recorded();
      // It authenticates by one statement and acts in one transaction; what comes later is the nudge's.
      const last = messages.findLastIndex((message) => commits.test(message)) + 1;
      expect(messages.filter((message) => commits.test(message))).toHaveLength(1);

      const boundaries = Array.from({ length: last * 2 }, (_, index) => ({
        at: Math.floor(index / 2) + 1,
        when: index % 2 === 0 ? ('before' as const) : ('after' as const),
      }));
      const chosen = boundaries.filter(
        ({ at }, index) => rounds > 0 || name === 'approve' || index % sampleEvery === 0 || at === last,
      );
      for (let round = 0; round < Math.max(1, rounds); round += 1)
        for (const { at, when } of chosen) await cut(name, act, at, when);
    },
    1_200_000,
  );

  it('is not missing from the pool afterwards', async () => {
    const stage = await setElevationStage(faulty.world);
    const answers = await Promise.all(Array.from({ length: 50 }, () => stage.agent.http.get('/v1/elevations')));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(tally.whole).toBeLessThan(tally.cuts / 10);
    process.stderr.write(
      `postgres: ${tally.cuts} connections cut, ${tally.undone} times nothing was done, ${tally.done} times all of it, 0 half states\n`,
    );
  });
});
