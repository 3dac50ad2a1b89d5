import { asSystem, MailDelivery } from '#persistence';
import { askFor, setElevationStage, type ElevationStage } from '../../support/elevation-stage.ts';
import { eventually } from '../../support/eventually.ts';
import type { World } from '../../support/world.ts';
import type { Recordings } from '../recording.ts';
import { answered } from './answered.ts';

/** The mail to one administrator was refused for good. */
async function undelivered(world: World): Promise<{ stage: ElevationStage; elevationId: string; deliveryId: string }> {
  const stage = await setElevationStage(world);
  world.mail.failNext(1, 'reject-5xx', stage.admin.email);
  const elevationId = await askFor(stage);
  const deliveryId = await eventually(() =>
    world.database.transaction(asSystem, async (em) => {
      const { id } = await em.findOneOrFail(MailDelivery, { rowId: elevationId, status: 'undeliverable' });
      return id;
    }),
  );
  return { stage, elevationId, deliveryId };
}

const resend = async ({ agent }: ElevationStage, elevationId: string) =>
  answered(await agent.http.post(`/v1/elevations/${elevationId}/resend`), 200);

export const mailDelivery: Recordings = {
  async arrived(world) {
    const { stage, elevationId, deliveryId } = await undelivered(world);
    await resend(stage, elevationId);
    await world.mail.waitForMail({ to: stage.admin.email, kind: 'elevation.requested' });
    return `mail-delivery:${deliveryId}`;
  },

  async 'refused-again'(world) {
    const { stage, elevationId, deliveryId } = await undelivered(world);
    world.mail.failNext(1, 'reject-5xx', stage.admin.email);
    await resend(stage, elevationId);
    return `mail-delivery:${deliveryId}`;
  },
};
