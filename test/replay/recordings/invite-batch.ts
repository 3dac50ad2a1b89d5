import { setElevationStage } from '../../support/elevation-stage.ts';
import type { World } from '../../support/world.ts';
import type { Recordings } from '../recording.ts';
import { answered } from './answered.ts';

async function invitedInBulk(world: World, count: number): Promise<string> {
  const { partnersAdmin, partnerId } = await setElevationStage(world);
  const invites = Array.from({ length: count }, (_, index) => ({
    email: `bulk-${index}@${partnerId}.example`,
    workspaceRole: 'read_only',
  }));
  const path = `/v1/organizations/${partnerId}/invites/batch`;
  const { id } = answered(await partnersAdmin.http.post(path, { invites: [...invites, 'nonsense'] }), 202);
  return `invite-batch:${id}`;
}

export const inviteBatch: Recordings = {
  'one-chunk': (world) => invitedInBulk(world, 3),
  'several-chunks': (world) => invitedInBulk(world, 120),
};
