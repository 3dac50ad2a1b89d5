import { asSystem } from '#persistence';
import { person } from '../../support/cast.ts';
import { askFor, decide, setElevationStage, storedState, type ElevationStage } from '../../support/elevation-stage.ts';
import { eventually } from '../../support/eventually.ts';
import type { World } from '../../support/world.ts';
import type { Recording, Recordings } from '../recording.ts';

async function asked(world: World, policy?: Record<string, number>): Promise<{ stage: ElevationStage; id: string }> {
  const stage = await setElevationStage(world, policy);
  const id = await askFor(stage, { durationSeconds: 2 });
  for (const { email } of [stage.admin, stage.secondAdmin])
    await world.mail.waitForMail({ to: email, kind: 'elevation.requested' });
  return { stage, id };
}

async function approved(world: World): Promise<{ stage: ElevationStage; id: string }> {
  const { stage, id } = await asked(world);
  await decide(stage.admin, id, 'approve');
  await world.mail.waitForMail({ to: stage.agent.email, kind: 'elevation.approved' });
  return { stage, id };
}

const decided =
  (who: 'admin' | 'agent', verb: string, body: object = {}): Recording =>
  async (world) => {
    const { stage, id } = await asked(world);
    await decide(stage[who], id, verb, body);
    return `elevation:${id}`;
  };

const ended =
  (who: 'admin' | 'agent', verb: string): Recording =>
  async (world) => {
    const { stage, id } = await approved(world);
    await decide(stage[who], id, verb);
    return `elevation:${id}`;
  };

export const elevation: Recordings = {
  denied: decided('admin', 'deny'),
  'denied-unexpected': decided('admin', 'deny', { unexpected: true }),
  cancelled: decided('agent', 'cancel'),
  revoked: ended('admin', 'revoke'),
  returned: ended('agent', 'return'),

  async expired(world) {
    const { id } = await asked(world, { elevationPendingSeconds: 3 });
    return `elevation:${id}`;
  },

  async 'ran-out'(world) {
    const { id } = await approved(world);
    return `elevation:${id}`;
  },

  async superseded(world) {
    const { stage, id } = await approved(world);
    const extension = await askFor(stage);
    await decide(stage.admin, extension, 'approve');
    return `elevation:${id}`;
  },

  async 'ended-without-role'(world) {
    const { stage, id } = await approved(world);
    await stage.partnersAdmin.http.put(
      `/v1/organizations/${stage.partnerId}/members/${stage.agent.memberIds[stage.partnerId]}/administrator-roles`,
      { roles: [] },
    );
    await eventually(async () => {
      if ((await storedState(world, id)) !== 'approved, grant ended') throw new Error('The grant goes on');
    });
    return `elevation:${id}`;
  },

  async 'mail-undeliverable'(world) {
    const stage = await setElevationStage(world, { elevationPendingSeconds: 3 });
    const unreachable = await person(world, 'Unreachable', [{ in: stage.customerId, roles: ['full_administrator'] }]);
    world.mail.failNext(1, 'reject-5xx', unreachable.email);
    return `elevation:${await askFor(stage)}`;
  },

  /** All was over before a worker came: the workflow tells what is left to tell. */
  async 'started-late'(world) {
    await world.stopWorker();
    const stage = await setElevationStage(world);
    const id = await askFor(stage);
    await decide(stage.admin, id, 'deny');
    await world.startWorker();
    return `elevation:${id}`;
  },

  /** The halfway point had passed: there is no reminder with the request. */
  async 'started-after-halfway'(world) {
    await world.stopWorker();
    const stage = await setElevationStage(world, { elevationPendingSeconds: 20 });
    const id = await askFor(stage);
    await world.database.transaction(asSystem, (em) =>
      em.execute("update elevation set created_at = created_at - interval '30 seconds' where id = ?", [id]),
    );
    await world.startWorker();
    return `elevation:${id}`;
  },
};
