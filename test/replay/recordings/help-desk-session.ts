import { setElevationStage, type ElevationStage } from '../../support/elevation-stage.ts';
import type { World } from '../../support/world.ts';
import type { Recording, Recordings } from '../recording.ts';
import { answered } from './answered.ts';

const sessions = '/v1/help-desk-sessions';

async function opened(world: World, policy?: Record<string, number>): Promise<{ stage: ElevationStage; id: string }> {
  const stage = await setElevationStage(world, policy);
  const asked = { customerId: stage.customerId, reason: 'Calls drop in the morning' };
  const { id } = answered(await stage.agent.http.post(sessions, asked), 201);
  for (const { email } of [stage.admin, stage.secondAdmin])
    await world.mail.waitForMail({ to: email, kind: 'help-desk-session.opened' });
  return { stage, id };
}

const ended =
  (who: 'admin' | 'agent', verb: string): Recording =>
  async (world) => {
    const { stage, id } = await opened(world);
    answered(await stage[who].http.post(`${sessions}/${id}/${verb}`), 200);
    return `help-desk-session:${id}`;
  };

export const helpDeskSession: Recordings = {
  returned: ended('agent', 'return'),
  revoked: ended('admin', 'revoke'),

  async expired(world) {
    const { id } = await opened(world, { helpDeskSessionSeconds: 3 });
    return `help-desk-session:${id}`;
  },

  /** The session was over before a worker came: it is told as opened and as ended. */
  async 'started-late'(world) {
    await world.stopWorker();
    const { agent, customerId } = await setElevationStage(world);
    const { id } = answered(await agent.http.post(sessions, { customerId, reason: 'A quick look' }), 201);
    answered(await agent.http.post(`${sessions}/${id}/return`), 200);
    await world.startWorker();
    return `help-desk-session:${id}`;
  },
};
