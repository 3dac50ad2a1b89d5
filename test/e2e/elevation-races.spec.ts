import { randomBytes, randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AdministratorRole } from '#access';
import { Refusal } from '#contracts';
import {
  approveRequest,
  assignAdministratorRoles,
  cancelRequest,
  Decisions,
  denyRequest,
  elevationFlow,
  endWhatNoLongerHolds,
  expireRequest,
  readCase,
  requestElevation,
  subjectOf,
  theClock,
  type Actor,
  type Decision,
  type DecisionSettings,
} from '#decisions';
import { authenticate } from '#identity';
import { asSystem, AuditEvent, Database, Elevation, Grant, Relationship } from '#persistence';
import { isThorough } from '../support/fault-trials.ts';
import { organization, person, relationship, type Cast } from '../support/cast.ts';
import { createMigratedDatabase, type MigratedDatabase } from '../support/migrated-database.ts';
import { Random } from '../support/random.ts';

/** Who comes first, decided by PostgreSQL alone: no worker, no engine, no HTTP. */
let migrated: MigratedDatabase;
let database: Database;
let decisions: Decisions;
let stage: { database: Database; baseUrl: string };
let partnerId: string;
let partnersAdmin: Actor;
const actors = new Map<string, Actor>();

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
  partnersAdmin = await actorOf(
    await person(stage, 'Partner admin', [{ in: partnerId, roles: ['full_administrator'] }]),
  );
}, 60_000);

afterAll(async () => {
  await database?.close();
  await migrated?.drop();
});

async function actorOf({ accountId, http }: Cast): Promise<Actor> {
  const caller = await authenticate(database, http.token ?? '', 'the token of nobody here');
  if (!caller) throw new Error('Nobody is signed in');
  return { kind: 'account', id: accountId, tenancy: caller.principal.tenancy };
}

/** Decides as that person; who they are was found out before the race. */
const as = (decider: Cast, work: (decision: Decision) => Promise<unknown>) => {
  const actor = actors.get(decider.accountId);
  if (!actor) throw new Error(`${decider.displayName} is not on the scene`);
  return decisions.decide(actor, work);
};

interface Scene {
  customerId: string;
  relationshipId: string;
  elevationId: string;
  agent: Cast;
  approver: Cast;
  denier: Cast;
  keeper: Cast;
}

/** An agent's open request at a customer with three administrators, undecided for some milliseconds more. */
async function setTheScene(millisecondsToDecide: number): Promise<Scene> {
  const customerId = await organization(stage, 'customer');
  const relationshipId = await relationship(stage, partnerId, customerId);
  const administrator = (who: string) => person(stage, who, [{ in: customerId, roles: ['full_administrator'] }]);
  const agent = await person(stage, 'Agent', [{ in: partnerId, roles: ['help_desk_advanced'] }]);
  const scene = {
    customerId,
    relationshipId,
    agent,
    approver: await administrator('Approver'),
    denier: await administrator('Denier'),
    keeper: await administrator('Keeper'),
  };
  for (const one of [agent, scene.approver, scene.denier, scene.keeper]) actors.set(one.accountId, await actorOf(one));
  const asked = await decisions.decide(await actorOf(agent), (decision) =>
    requestElevation(decision, { customerId, reason: 'A race' }),
  );
  await database.transaction(asSystem, (em) =>
    em.execute('update elevation set decide_by = clock_timestamp() + make_interval(secs => ?) where id = ?', [
      millisecondsToDecide / 1000,
      asked.id,
    ]),
  );
  return { ...scene, elevationId: asked.id };
}

const setRoles = (organizationId: string, of: Cast, roles: AdministratorRole[]) => (decision: Decision) =>
  assignAdministratorRoles(decision, organizationId, of.memberIds[organizationId] ?? '', roles);

async function endTheRelationship(decision: Decision, { relationshipId, customerId }: Scene): Promise<void> {
  await decision.em.findOneOrFail(Relationship, { id: relationshipId });
  await decision.em.execute('update relationship set active_until = clock_timestamp() where id = ?', [relationshipId]);
  decision.em.clear();
  await endWhatNoLongerHolds(decision, { partnerId, customerId }, 'relationship_ended');
}

type Contender = (scene: Scene) => Promise<unknown>;

const contenders: Record<string, Contender> = {
  approve: ({ approver, elevationId }) =>
    as(approver, (decision) => approveRequest(decision, elevationFlow, elevationId, {})),
  approveAgain: ({ approver, elevationId }) =>
    as(approver, (decision) => approveRequest(decision, elevationFlow, elevationId, {})),
  deny: ({ denier, elevationId }) => as(denier, (decision) => denyRequest(decision, elevationFlow, elevationId, {})),
  cancel: ({ agent, elevationId }) => as(agent, (decision) => cancelRequest(decision, elevationFlow, elevationId)),
  expire: ({ elevationId }) =>
    decisions.decide(theClock(`elevation:${elevationId}`), (decision) =>
      expireRequest(decision, elevationFlow, elevationId),
    ),
  agentLosesTheRole: ({ agent }) => decisions.decide(partnersAdmin, setRoles(partnerId, agent, ['help_desk_basic'])),
  approverLosesTheRole: ({ approver, keeper, customerId }) =>
    as(keeper, setRoles(customerId, approver, ['read_only_administrator'])),
  relationshipEnds: (scene) =>
    decisions.decide({ kind: 'support', id: null, tenancy: asSystem }, (decision) =>
      endTheRelationship(decision, scene),
    ),
};

const losingCodes = new Set([
  'elevation_not_pending',
  'approver_not_full_administrator',
  'requester_not_entitled',
  // The relationship went, and with it the sight of the other side's rows.
  'not_found',
]);

/** `npm run test:faults` plays 5,000, `RACE_ROUNDS=500 npm test -- test/e2e/elevation-races` so many. */
const rounds = Number(process.env['RACE_ROUNDS'] ?? (isThorough ? 5_000 : 150));

const decidingActions = ['elevation.approved', 'elevation.denied', 'elevation.cancelled', 'elevation.expired'];

async function outcomeOf({ elevationId, agent, approver }: Scene) {
  return database.transaction(asSystem, async (em) => {
    const subjects = [elevationId, ...Object.values(agent.memberIds), ...Object.values(approver.memberIds)];
    const events = await em.find(
      AuditEvent,
      { outcome: 'success', subject: { id: { $in: subjects } } },
      { orderBy: { at: 'asc' } },
    );
    const about = events.filter((event) => event.subject.id === elevationId);
    const lossOf = (who: Cast) =>
      events.find(
        (event) =>
          event.action === 'membership.administrator-roles-assigned' &&
          Object.values(who.memberIds).includes(event.subject.id),
      )?.at ?? null;
    return {
      elevation: await em.findOneOrFail(Elevation, { id: elevationId }),
      grant: await em.findOne(Grant, { sourceId: elevationId }),
      deciding: about.filter((event) => decidingActions.includes(event.action)),
      actions: about.map((event) => event.action),
      agentLoss: lossOf(agent),
      approverLoss: lossOf(approver),
    };
  });
}

describe('everybody decides at once', () => {
  it(`has one winner and one deciding event in ${rounds} random interleavings, and never a grant without a right`, async () => {
    const seed = Number(process.env['RACE_SEED'] ?? randomInt(2 ** 31));
    process.stderr.write(`elevation races: RACE_SEED=${seed}\n`);
    const random = new Random(seed);
    const winners: Record<string, number> = {};

    const round = async (number: number) => {
      const scene = await setTheScene(20 + random.below(400));
      const running = random.shuffled(Object.keys(contenders)).slice(0, 3 + random.below(6));
      const plan = running.map((who) => ({ who, after: random.below(35) }));
      const story = `seed ${seed}, round ${number}: ${plan.map(({ who, after }) => `${who}@${after}`).join(' ')}`;
      const results = await Promise.allSettled(
        plan.map(async ({ who, after }) => {
          await sleep(after);
          await contenders[who]?.(scene);
        }),
      );
      for (const [index, result] of results.entries()) {
        if (result.status === 'fulfilled') continue;
        const reason: unknown = result.reason;
        const code = reason instanceof Refusal ? reason.code : String(reason);
        if (!losingCodes.has(code)) throw new Error(`${story}: ${plan[index]?.who} failed with ${code}`);
      }
      // Where all who wanted to decide had lost the right, time decides.
      while ((await outcomeOf(scene)).elevation.status === 'pending') {
        await sleep(10);
        await contenders['expire']?.(scene);
      }

      const { elevation, grant, deciding, actions, agentLoss, approverLoss } = await outcomeOf(scene);
      const told = `${story} → ${actions.join(', ')}`;
      if (deciding.length !== 1 || deciding[0]?.action !== `elevation.${elevation.status}`)
        throw new Error(`not exactly one winner: ${told}`);
      winners[elevation.status] = (winners[elevation.status] ?? 0) + 1;
      if ((grant !== null) !== (elevation.status === 'approved')) throw new Error(`grant and state differ: ${told}`);
      if (!grant) return;

      const approvedAt = deciding[0].at;
      if (approvedAt >= elevation.decideBy) throw new Error(`approved after the deadline: ${told}`);
      for (const loss of [agentLoss, approverLoss])
        if (loss && loss < approvedAt) throw new Error(`approved without a right: ${told}`);
      const preconditionWent = agentLoss !== null || running.includes('relationshipEnds');
      const expected = preconditionWent ? 'ended' : 'active';
      if (grant.status !== expected) throw new Error(`the grant is ${grant.status}, not ${expected}: ${told}`);
    };

    const atOnce = 6;
    for (let first = 0; first < rounds; first += atOnce) {
      const length = Math.min(atOnce, rounds - first);
      await Promise.all(Array.from({ length }, (_, index) => round(first + index)));
    }

    expect(Object.values(winners).reduce((sum, count) => sum + count, 0)).toBe(rounds);
    // Each way to win was seen, else the race was none.
    expect(Object.keys(winners).sort()).toEqual(['approved', 'cancelled', 'denied', 'expired']);
    process.stderr.write(`elevation races: ${rounds} interleavings, won by ${JSON.stringify(winners)}\n`);
  }, 1_200_000);

  it('lets one of two extensions through at a time, and leaves one live grant', async () => {
    const scene = await setTheScene(60_000);
    await contenders['approve']?.(scene);
    for (let extension = 0; extension < 5; extension += 1) {
      const asked = await decisions.decide(await actorOf(scene.agent), (decision) =>
        requestElevation(decision, { customerId: scene.customerId, reason: 'Longer' }),
      );
      const approvals = await Promise.allSettled(
        [scene.approver, scene.denier, scene.keeper].map(async (who) =>
          decisions.decide(await actorOf(who), (decision) => approveRequest(decision, elevationFlow, asked.id, {})),
        ),
      );
      expect(approvals.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    }
    const grants = await database.transaction(asSystem, (em) => em.find(Grant, { accountId: scene.agent.accountId }));
    expect(grants.map((grant) => grant.status).sort()).toEqual([
      'active',
      ...Array.from({ length: 5 }, () => 'superseded'),
    ]);
  });

  it('judges what is true under the locks, not what the decider read before', async () => {
    const scene = await setTheScene(60_000);
    const approver = await actorOf(scene.approver);
    const late = decisions.decide(approver, async (decision) => {
      await readCase(decision.em, elevationFlow, await subjectOf(decision.em, approver), scene.elevationId);
      await contenders['approverLosesTheRole']?.(scene);
      return approveRequest(decision, elevationFlow, scene.elevationId, {});
    });
    await expect(late).rejects.toMatchObject({ code: 'approver_not_full_administrator' });
  });

  it('sees that the agent lost the role between reading and deciding', async () => {
    const scene = await setTheScene(60_000);
    const approver = await actorOf(scene.approver);
    const late = decisions.decide(approver, async (decision) => {
      await readCase(decision.em, elevationFlow, await subjectOf(decision.em, approver), scene.elevationId);
      await contenders['agentLosesTheRole']?.(scene);
      return approveRequest(decision, elevationFlow, scene.elevationId, {});
    });
    await expect(late).rejects.toMatchObject({ code: 'elevation_not_pending' });
  });
});
