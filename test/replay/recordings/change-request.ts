import { theClock } from '#decisions';
import { asSystem, ChangeRequest } from '#persistence';
import { organization, person, relationship, type Cast } from '../../support/cast.ts';
import type { World } from '../../support/world.ts';
import type { Recording, Recordings } from '../recording.ts';
import { answered } from './answered.ts';

interface Stage {
  proposer: Cast;
  admin: Cast;
  id: string;
}

async function proposed(world: World): Promise<Stage> {
  const partnerId = await organization(world, 'partner', { name: 'Northwind' });
  const customerId = await organization(world, 'customer', { name: 'Harbour' });
  await relationship(world, partnerId, customerId);
  const proposer = await person(world, 'Proposer', [{ in: partnerId, roles: ['partner_full_administrator'] }]);
  const admin = await person(world, 'Admin', [{ in: customerId, roles: ['full_administrator'] }]);
  const { id } = answered(
    await proposer.http.post(`/v1/organizations/${customerId}/change-requests`, {
      kind: 'appointment',
      email: `appointed-${customerId}@people.example`,
      reason: 'The present administrator leaves',
    }),
    201,
  );
  await world.mail.waitForMail({ to: admin.email, kind: 'change-request.requested' });
  return { proposer, admin, id };
}

const decided =
  (who: 'proposer' | 'admin', verb: string, body: object = {}): Recording =>
  async (world) => {
    const stage = await proposed(world);
    answered(await stage[who].http.post(`/v1/change-requests/${stage.id}/${verb}`, body), 200);
    return `change-request:${stage.id}`;
  };

export const changeRequest: Recordings = {
  approved: decided('admin', 'approve'),
  denied: decided('admin', 'deny'),
  'denied-unexpected': decided('admin', 'deny', { unexpected: true }),
  cancelled: decided('proposer', 'cancel'),

  /** Seven days are cut short in the row; the nudge has the workflow read it again. */
  async expired(world) {
    const { id } = await proposed(world);
    await world.database.transaction(asSystem, (em) =>
      em.nativeUpdate(ChangeRequest, { id }, { decideBy: new Date(Date.now() + 1000) }),
    );
    await world.decisions.decide(theClock(), (decision) => decision.nudge('changeRequest', id));
    return `change-request:${id}`;
  },
};
