import { asSystem, AuditEvent } from '#persistence';
import { setElevationStage, type ElevationStage } from '../../support/elevation-stage.ts';
import type { Answer } from '../../support/http-client.ts';
import type { World } from '../../support/world.ts';
import type { Recording, Recordings } from '../recording.ts';
import { answered } from './answered.ts';

/** The workflow is named after the event that recorded the change. */
async function newestEvent(world: World, action: string): Promise<string> {
  return world.database.transaction(asSystem, async (em) => {
    const [event] = await em.find(AuditEvent, { action }, { orderBy: { recordedOrder: 'desc' }, limit: 1 });
    if (!event) throw new Error(`Nothing recorded as ${action}`);
    return event.id;
  });
}

const told =
  (action: string, status: number, change: (stage: ElevationStage, member: string) => Promise<Answer>): Recording =>
  async (world) => {
    const stage = await setElevationStage(world);
    const { partnerId, agent } = stage;
    answered(await change(stage, `/v1/organizations/${partnerId}/members/${agent.memberIds[partnerId]}`), status);
    return `membership-notice:${await newestEvent(world, action)}`;
  };

export const membershipNotice: Recordings = {
  'roles-changed': told('membership.administrator-roles-assigned', 200, ({ partnersAdmin }, member) =>
    partnersAdmin.http.put(`${member}/administrator-roles`, { roles: ['help_desk_basic'] }),
  ),
  removed: told('membership.removed', 204, ({ partnersAdmin }, member) =>
    partnersAdmin.http.request('DELETE', member, { reason: 'Project over' }),
  ),
};
