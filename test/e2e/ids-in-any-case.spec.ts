import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { person } from '../support/cast.ts';
import { setElevationStage, type ElevationStage } from '../support/elevation-stage.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let stage: ElevationStage;
let elevationId: string;

const upper = (id: string | undefined) => (id ?? '').toUpperCase();

beforeAll(async () => {
  world = await createWorld({ worker: false });
  stage = await setElevationStage(world);
}, 60_000);

afterAll(() => world?.stop());

describe('an id in capital letters', () => {
  it('names the same customer in a body, and the answer has it in small ones', async () => {
    const { agent, customerId, partnerId } = stage;
    const body = { customerId: upper(customerId), partnerId: upper(partnerId), reason: 'Phones do not register' };
    const asked = await agent.http.post('/v1/elevations', body);
    expect(asked).toMatchObject({ status: 201, body: { customerId, partnerId } });
    elevationId = asked.body.id;
    // The guard of "one open request per agent and customer" knows it again.
    expect((await agent.http.post('/v1/elevations', { ...body, customerId })).body.code).toBe('elevation_already_open');
  });

  it('names the same request in a path and in a query', async () => {
    const { admin, agent, customerId } = stage;
    expect((await admin.http.get(`/v1/elevations/${upper(elevationId)}`)).body.id).toBe(elevationId);
    const found = await agent.http.get(`/v1/elevations?customerId=${upper(customerId)}`);
    expect(found.body.items).toHaveLength(1);
    const approved = await admin.http.post(`/v1/elevations/${upper(elevationId)}/approve`);
    expect(approved).toMatchObject({ status: 200, body: { id: elevationId, status: 'approved' } });
  });

  it('is the same person and organization to an evaluation, alone and in a batch', async () => {
    const { agent, customerId } = stage;
    const question = {
      subject: { type: 'account', id: upper(agent.accountId) },
      action: { name: 'write' },
      resource: { type: 'setting', id: 'devices', properties: { organizationId: upper(customerId) } },
    };
    expect((await agent.http.post('/access/v1/evaluation', question)).body.decision).toBe(true);
    const batch = await agent.http.post('/access/v1/evaluations', { ...question, evaluations: [{}] });
    expect(batch.body.evaluations).toMatchObject([{ decision: true }]);
    const actions = await agent.http.post('/access/v1/search/action', question);
    expect(actions.body.results).toContainEqual({ name: 'write' });
  });

  it('does not hide that it is one’s own role', async () => {
    const { admin, customerId } = stage;
    const own = `/v1/organizations/${upper(customerId)}/members/${upper(admin.memberIds[customerId])}`;
    const changed = await admin.http.patch(own, { workspaceRole: 'owner' });
    expect(changed).toMatchObject({ status: 403, body: { code: 'own_role' } });
  });

  it('does not make a second request of one Idempotency-Key', async () => {
    const { customerId } = stage;
    const owner = await person(world, 'Owner', [{ in: customerId, workspaceRole: 'owner' }]);
    const once = { 'idempotency-key': 'front-desk' };
    const group = { name: 'Front desk' };
    const made = await owner.http.post(`/v1/organizations/${customerId}/groups`, group, once);
    const again = await owner.http.post(`/v1/organizations/${upper(customerId)}/groups`, group, once);
    expect([made.status, again.status, again.body.id]).toEqual([201, 201, made.body.id]);
  });
});
