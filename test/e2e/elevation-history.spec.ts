import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { organization, person, relationship, type Cast } from '../support/cast.ts';
import { eventually } from '../support/eventually.ts';
import { createWorld, type World } from '../support/world.ts';

/** What a cycle may cost in Temporal; clocks differ from machine to machine, these do not. */
const mostEvents = 30;
const mostWorkflowTasks = 5;

let world: World;

beforeAll(async () => {
  world = await createWorld();
}, 120_000);

afterAll(() => world?.stop());

/** Asked, the mail is read, approved, the agent has the mail. */
async function approved(durationSeconds: number): Promise<{ id: string; admin: Cast }> {
  const partnerId = await organization(world, 'partner');
  const customerId = await organization(world, 'customer');
  await relationship(world, partnerId, customerId);
  const agent = await person(world, 'Agent', [{ in: partnerId, roles: ['help_desk_advanced'] }]);
  const admin = await person(world, 'Admin', [{ in: customerId, roles: ['full_administrator'] }]);
  const body = { customerId, reason: 'Phones do not register', durationSeconds };
  const asked = await agent.http.post('/v1/elevations', body);
  expect(asked.status).toBe(201);
  const { id } = asked.body;
  await world.mail.waitForMail({ to: admin.email, kind: 'elevation.requested' }, 30_000);
  expect((await admin.http.post(`/v1/elevations/${id}/approve`, {})).status).toBe(200);
  await world.mail.waitForMail({ to: agent.email, kind: 'elevation.approved' }, 30_000);
  return { id, admin };
}

async function countsOf(id: string): Promise<{ events: number; workflowTasks: number; names: string[] }> {
  const handle = world.temporal.client.workflow.getHandle(`elevation:${id}`);
  await eventually(() => handle.result(), 60_000);
  const { events } = await handle.fetchHistory();
  const names = (events ?? []).map((event) => Object.keys(event).find((key) => key.endsWith('EventAttributes')) ?? '');
  return {
    events: names.length,
    workflowTasks: names.filter((name) => name.startsWith('workflowTaskCompleted')).length,
    names,
  };
}

describe('the history of an elevation', () => {
  it('that is approved and revoked, with its mails, stays small', async () => {
    const { id, admin } = await approved(600);
    expect((await admin.http.post(`/v1/elevations/${id}/revoke`, {})).status).toBe(200);
    const counts = await countsOf(id);
    expect(counts.names).not.toContain('activityTaskScheduledEventAttributes');
    expect(counts.events).toBeLessThanOrEqual(mostEvents);
    expect(counts.workflowTasks).toBeLessThanOrEqual(mostWorkflowTasks);
  }, 120_000);

  it('that is approved and runs out stays as small', async () => {
    const counts = await countsOf((await approved(2)).id);
    expect(counts.events).toBeLessThanOrEqual(mostEvents);
    expect(counts.workflowTasks).toBeLessThanOrEqual(mostWorkflowTasks);
  }, 120_000);
});
