import { randomBytes, randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Refusal } from '#contracts';
import {
  approveRequest,
  cancelRequest,
  changeExternalAdministrator,
  Decisions,
  denyRequest,
  expireRequest,
  externalAdministratorFlow,
  removeExternalAdministrator,
  requestExternalAdministration,
  settleExternalAccess,
  theClock,
  type Actor,
  type Decision,
  type DecisionSettings,
} from '#decisions';
import {
  asSystem,
  AuditEvent,
  Database,
  ExternalAdministratorRequest,
  Membership,
  Relationship,
  WorkflowNudge,
} from '#persistence';
import { organization, person, type Cast } from '../support/cast.ts';
import { createMigratedDatabase, type MigratedDatabase } from '../support/migrated-database.ts';
import { Random } from '../support/random.ts';

/** Who comes first, decided by PostgreSQL alone: no worker, no engine, no HTTP. */
let migrated: MigratedDatabase;
let database: Database;
let decisions: Decisions;
let stage: { database: Database; baseUrl: string };
let partnerId: string;

beforeAll(async () => {
  migrated = await createMigratedDatabase();
  database = await Database.open({ databaseUrl: migrated.url, poolSize: 16 });
  stage = { database, baseUrl: '' };
  const settings: DecisionSettings = {
    minimumDurationSeconds: 1,
    asksPerHour: 1_000_000,
    inviteKeys: [randomBytes(32)],
    sealingKeys: [randomBytes(32)],
    attachWithoutApproval: false,
    allowPrivateAddresses: false,
  };
  decisions = new Decisions(database, settings, () => {});
  partnerId = await organization(stage, 'partner');
}, 60_000);

afterAll(async () => {
  await database?.close();
  await migrated?.drop();
});

const as = (who: Cast, work: (decision: Decision) => Promise<unknown>): Promise<unknown> => {
  const actor: Actor = { kind: 'account', id: who.accountId, tenancy: asSystem };
  return decisions.decide(actor, work);
};

interface Scene {
  customerId: string;
  requestId: string;
  requester: Cast;
  approver: Cast;
  denier: Cast;
}

/** An open request, undecided for some milliseconds more. */
async function setTheScene(millisecondsToDecide: number): Promise<Scene> {
  const customerId = await organization(stage, 'customer');
  const requester = await person(stage, 'Asker', [{ in: partnerId, roles: ['partner_administrator'] }]);
  const approver = await person(stage, 'Approver', [{ in: customerId, roles: ['full_administrator'] }]);
  const denier = await person(stage, 'Denier', [{ in: customerId, roles: ['full_administrator'] }]);
  let requestId = '';
  await as(requester, async (decision) => {
    const asked = await requestExternalAdministration(decision, { customerId, reason: 'A race', attach: false });
    requestId = asked.id;
  });
  await database.transaction(asSystem, (em) =>
    em.execute(
      'update external_administrator_request set decide_by = clock_timestamp() + make_interval(secs => ?) where id = ?',
      [millisecondsToDecide / 1000, requestId],
    ),
  );
  return { customerId, requestId, requester, approver, denier };
}

const approval = ({ requester }: Scene) => ({ email: requester.email, role: 'full_administrator' as const });
const workflow = ({ requestId }: Scene) => theClock(`external-administrator:${requestId}`);

const contenders: Record<string, (scene: Scene) => Promise<unknown>> = {
  approve: (scene) =>
    as(scene.approver, (decision) =>
      approveRequest(decision, externalAdministratorFlow, scene.requestId, approval(scene)),
    ),
  approveAgain: (scene) =>
    as(scene.approver, (decision) =>
      approveRequest(decision, externalAdministratorFlow, scene.requestId, approval(scene)),
    ),
  deny: ({ denier, requestId }) =>
    as(denier, (decision) => denyRequest(decision, externalAdministratorFlow, requestId, { unexpected: true })),
  cancel: ({ requester, requestId }) =>
    as(requester, (decision) => cancelRequest(decision, externalAdministratorFlow, requestId)),
  expire: (scene) =>
    decisions.decide(workflow(scene), (decision) =>
      expireRequest(decision, externalAdministratorFlow, scene.requestId),
    ),
};

/** Starts all at about the same time, each some milliseconds late, in random order; tells what each got. */
async function race(random: Random, runs: Record<string, () => Promise<unknown>>, spread = 25): Promise<unknown[]> {
  const settled = await Promise.allSettled(
    random.shuffled(Object.values(runs)).map(async (run) => {
      await sleep(random.below(spread));
      return run();
    }),
  );
  return settled.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
}

const look = ({ requestId, customerId }: Scene) =>
  database.transaction(asSystem, async (em) => ({
    request: await em.findOneOrFail(ExternalAdministratorRequest, { id: requestId }),
    members: await em.find(Membership, { organizationId: customerId, kind: 'external' }),
    relationships: await em.find(Relationship, { customerId }),
    events: (await em.find(AuditEvent, { outcome: 'success' })).filter(({ subject }) => subject.id === requestId),
    nudge: await em.findOne(WorkflowNudge, { rowId: requestId }),
  }));

const verdicts = ['approved', 'denied', 'cancelled', 'expired'].map((verb) => `external-administrator.${verb}`);

describe('approve, deny, cancel and expire at once', () => {
  it('have one winner, one event on each side, and what the winner makes and nothing else', async () => {
    const random = new Random(randomInt(2 ** 31));
    const winners: Record<string, number> = {};
    for (let round = 0; round < 60; round += 1) {
      const scene = await setTheScene(random.below(70));
      const losses = await race(
        random,
        Object.fromEntries(Object.entries(contenders).map(([who, run]) => [who, () => run(scene)])),
        60,
      );
      // The clock comes last, as a workflow does that waited for the deadline.
      await sleep(75);
      await contenders['expire']?.(scene);
      const { request, members, relationships, events } = await look(scene);
      const told = `seed ${random.seed}, round ${round}`;

      for (const loss of losses) {
        expect({ told, loss: loss instanceof Refusal ? loss.code : loss }).toEqual({
          told,
          loss: 'request_not_pending',
        });
        const { state } = (loss as Refusal).details as { state: { status: string } };
        expect(['approved', 'denied', 'cancelled', 'expired']).toContain(state.status);
      }
      expect({ told, open: request.status }).not.toEqual({ told, open: 'pending' });
      const decided = events.filter(({ action }) => verdicts.includes(action));
      for (const side of [scene.customerId, partnerId]) {
        const ofSide = decided.filter(({ organizationIds }) => organizationIds.includes(side));
        expect({ told, actions: ofSide.map(({ action }) => action) }).toEqual({
          told,
          actions: [`external-administrator.${request.status}`],
        });
      }
      const isApproved = request.status === 'approved';
      expect(members).toHaveLength(isApproved ? 1 : 0);
      expect(relationships).toHaveLength(isApproved ? 1 : 0);
      winners[request.status] = (winners[request.status] ?? 0) + 1;
    }
    // Otherwise the race was none.
    expect(Object.keys(winners).length).toBeGreaterThanOrEqual(3);
  }, 60_000);
});

describe('remove, extend and the date at once', () => {
  it('end the access once, or keep it until the new date', async () => {
    const random = new Random(randomInt(2 ** 31));
    for (let round = 0; round < 40; round += 1) {
      const scene = await setTheScene(60_000);
      await contenders['approve']?.(scene);
      const [member] = (await look(scene)).members;
      const memberId = member?.id ?? '';
      await database.transaction(asSystem, (em) =>
        em.execute('update membership set until = clock_timestamp() + make_interval(secs => ?) where id = ?', [
          random.below(40) / 1000,
          memberId,
        ]),
      );
      const until = new Date(Date.now() + 600_000).toISOString();
      const losses = await race(random, {
        remove: () =>
          as(scene.approver, (decision) => removeExternalAdministrator(decision, scene.customerId, memberId)),
        extend: () =>
          as(scene.denier, (decision) => changeExternalAdministrator(decision, scene.customerId, memberId, { until })),
        settle: () => decisions.decide(workflow(scene), (decision) => settleExternalAccess(decision, scene.requestId)),
        settleAgain: () =>
          decisions.decide(workflow(scene), (decision) => settleExternalAccess(decision, scene.requestId)),
      });
      for (const loss of losses) expect(loss).toMatchObject({ code: 'not_found' });
      await sleep(45);
      const over = await decisions.decide(workflow(scene), (decision) =>
        settleExternalAccess(decision, scene.requestId),
      );
      const { request, members, relationships, events } = await look(scene);
      const endings = events.filter(({ action }) => /removed|ended/.test(action));
      expect({ seed: random.seed, round, endings: endings.length, lasts: over.lasts }).toEqual({
        seed: random.seed,
        round,
        endings: 1,
        lasts: false,
      });
      expect(['expired', 'revoked']).toContain(request.endedAs);
      expect(members[0]?.removedAt).toBeInstanceOf(Date);
      expect(relationships[0]?.activeUntil).toBeInstanceOf(Date);
    }
  }, 60_000);
});

describe('requesters of one partner at once', () => {
  it('share one relationship, and it lasts while one of them does', async () => {
    const random = new Random(randomInt(2 ** 31));
    for (let round = 0; round < 20; round += 1) {
      const first = await setTheScene(60_000);
      const second = {
        ...first,
        requester: await person(stage, 'Second', [{ in: partnerId, roles: ['partner_administrator'] }]),
      };
      await as(second.requester, async (decision) => {
        const asked = await requestExternalAdministration(decision, {
          customerId: first.customerId,
          reason: 'A race',
          attach: false,
        });
        second.requestId = asked.id;
      });
      const approve = (scene: Scene) => contenders['approve']?.(scene) ?? Promise.resolve();
      // One is removed while the other comes.
      await approve(first);
      const [member] = (await look(first)).members;
      const losses = await race(random, {
        remove: () =>
          as(first.approver, (decision) => removeExternalAdministrator(decision, first.customerId, member?.id ?? '')),
        approve: () => approve(second),
      });
      expect(losses).toEqual([]);
      const { members, relationships } = await look(second);
      const live = members.filter((one) => !one.removedAt);
      const active = relationships.filter((one) => !one.activeUntil);
      expect(live).toMatchObject([{ accountId: second.requester.accountId, relationshipId: active[0]?.id }]);
      expect(active).toHaveLength(1);
    }
  }, 60_000);
});
