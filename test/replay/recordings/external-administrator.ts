import { organization, person, type Cast } from '../../support/cast.ts';
import type { World } from '../../support/world.ts';
import type { Recording, Recordings } from '../recording.ts';
import { answered } from './answered.ts';

/** A partner that does not manage the customer, and the two people it is about. The partner's policy sets the times. */
interface Stage {
  customerId: string;
  requester: Cast;
  admin: Cast;
}

const requests = '/v1/external-administrator-requests';

async function setStage(world: World, policy?: Record<string, number>): Promise<Stage> {
  const partnerId = await organization(world, 'partner', { name: 'Northwind', policy });
  const customerId = await organization(world, 'customer', { name: 'Harbour' });
  await person(world, 'Partner admin', [{ in: partnerId, roles: ['full_administrator'] }]);
  return {
    customerId,
    requester: await person(world, 'Asker', [{ in: partnerId, roles: ['partner_administrator'] }]),
    admin: await person(world, 'Admin', [{ in: customerId, roles: ['full_administrator'] }]),
  };
}

async function askFor({ requester, customerId }: Stage, more: object = {}): Promise<string> {
  const { id } = answered(await requester.http.post(requests, { customerId, reason: 'Order 4711', ...more }), 201);
  return id;
}

async function asked(world: World, policy?: Record<string, number>): Promise<{ stage: Stage; id: string }> {
  const stage = await setStage(world, policy);
  const id = await askFor(stage);
  await world.mail.waitForMail({ to: stage.admin.email, kind: 'external-administrator.requested' });
  return { stage, id };
}

const decide = async (who: Cast, id: string, verb: string, body: object) =>
  answered(await who.http.post(`${requests}/${id}/${verb}`, body), 200);

const decided =
  (who: 'admin' | 'requester', verb: string, body: object = {}): Recording =>
  async (world) => {
    const { stage, id } = await asked(world);
    await decide(stage[who], id, verb, body);
    return `external-administrator:${id}`;
  };

/** Lets the requester in, with a date or without one, and waits until they know. */
async function approved(world: World, secondsOfAccess: number | null): Promise<{ stage: Stage; id: string }> {
  const { stage, id } = await asked(world);
  const until = secondsOfAccess === null ? null : new Date(Date.now() + secondsOfAccess * 1000).toISOString();
  const { email } = stage.requester;
  await decide(stage.admin, id, 'approve', { email, role: 'full_administrator', until });
  await world.mail.waitForMail({ to: email, kind: 'external-administrator.approved' });
  return { stage, id };
}

async function remove(world: World, { requester, admin, customerId }: Stage): Promise<void> {
  const path = `/v1/organizations/${customerId}/external-administrators`;
  const { items } = answered(await admin.http.get(path), 200);
  answered(await admin.http.delete(`${path}/${items[0].id}`), 204);
  await world.mail.waitForMail({ to: requester.email, kind: 'external-administrator.ended' });
}

export const externalAdministrator: Recordings = {
  denied: decided('admin', 'deny'),
  'denied-unexpected': decided('admin', 'deny', { unexpected: true }),
  cancelled: decided('requester', 'cancel'),

  async expired(world) {
    const { id } = await asked(world, { externalAdministratorPendingSeconds: 3 });
    return `external-administrator:${id}`;
  },

  async 'approved-without-date'(world) {
    const { id } = await approved(world, null);
    return `external-administrator:${id}`;
  },

  async 'approved-until-date'(world) {
    const { id } = await approved(world, 3);
    return `external-administrator:${id}`;
  },

  async 'removed-before-date'(world) {
    const { stage, id } = await approved(world, 3600);
    await remove(world, stage);
    return `external-administrator:${id}`;
  },

  /** The second run: the first had completed, since there was no date to wait for. */
  async 'removed-without-date'(world) {
    const { stage, id } = await approved(world, null);
    const workflowId = `external-administrator:${id}`;
    await world.temporal.client.workflow.getHandle(workflowId).result();
    await remove(world, stage);
    return workflowId;
  },

  async attached(world) {
    const id = await askFor(await setStage(world), { attach: true });
    return `external-administrator:${id}`;
  },
};
