import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { settingsOpenedByElevation, type Area } from '#access';
import { asSystem, Organization } from '#persistence';
import type { Cast } from '../support/cast.ts';
import { ConsoleVisitor } from '../support/console-visitor.ts';
import { setElevationStage, type ElevationStage } from '../support/elevation-stage.ts';
import { eventually } from '../support/eventually.ts';
import { mayWrite } from '../support/people.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let stage: ElevationStage;

beforeAll(async () => {
  world = await createWorld();
}, 120_000);
afterAll(() => world?.stop());
beforeEach(async () => {
  stage = await setElevationStage(world);
});

const reason = 'Phones do not register';

const ask = (body: object = {}) =>
  stage.agent.http.post('/v1/elevations', { customerId: stage.customerId, reason, ...body });
const approve = (id: string, body: object = {}, by: Cast = stage.admin) =>
  by.http.post(`/v1/elevations/${id}/approve`, body);

async function asked(areas?: Area[]): Promise<string> {
  const answer = await ask(areas && { areas });
  if (answer.status !== 201) throw new Error(`Asking answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body.id;
}

/** Of all areas, those the agent may change now; and those they may read. */
async function opened(): Promise<{ write: string[]; read: string[] }> {
  const { body } = await stage.agent.http.get(`/v1/organizations/${stage.customerId}/effective-access`);
  const temporary: readonly string[] = settingsOpenedByElevation();
  const of = (level: string) =>
    body.settings.flatMap((one: { id: string; level: string }) =>
      temporary.includes(one.id) && one.level === level ? one.id : [],
    );
  return { write: of('write').toSorted(), read: of('read').toSorted() };
}

const everyArea = () => settingsOpenedByElevation().toSorted();

describe('an elevation for some areas', () => {
  it('writes these and reads the rest', async () => {
    const answer = await ask({ areas: ['app_integrations', 'devices', 'devices'] });
    expect(answer).toMatchObject({ status: 201, body: { areas: ['devices', 'app_integrations'], grant: null } });
    const approved = await approve(answer.body.id);
    expect(approved).toMatchObject({ status: 200, body: { grant: { areas: ['devices', 'app_integrations'] } } });
    const { write, read } = await opened();
    expect(write).toEqual(['app_integrations', 'devices']);
    expect(read).toEqual(everyArea().filter((area) => !write.includes(area)));
  });

  it('is for all that a grant opens where none is named, as it always was', async () => {
    const id = await asked();
    const { body } = await approve(id);
    expect(body.areas.toSorted()).toEqual(everyArea());
    expect(body.grant.areas.toSorted()).toEqual(everyArea());
    expect((await opened()).write).toEqual(everyArea());
  });

  it('is narrowed by the approver, who strikes what is not needed', async () => {
    const id = await asked(['devices', 'app_integrations', 'site_management']);
    const { body } = await approve(id, { areas: ['devices'] });
    expect(body).toMatchObject({
      areas: ['devices', 'app_integrations', 'site_management'],
      grant: { areas: ['devices'] },
    });
    expect((await opened()).write).toEqual(['devices']);
    const mail = await world.mail.waitForMail({ to: stage.agent.email, kind: 'elevation.approved' });
    expect(mail.text).toContain('What may be changed: Devices');
    const { body: grants } = await stage.admin.http.get(`/v1/grants?organizationId=${stage.customerId}`);
    expect(grants.items).toMatchObject([{ areas: ['devices'] }]);
    await eventually(async () => {
      const { body: trail } = await stage.admin.http.get(
        `/v1/organizations/${stage.customerId}/audit-events?action=elevation.approved&subjectId=${id}`,
      );
      expect(trail.items).toMatchObject([{ facts: { areas: ['devices'] } }]);
    });
  });

  it('is the same approval again only with the same areas', async () => {
    const id = await asked(['devices', 'app_integrations']);
    expect((await approve(id, { areas: ['devices'] })).status).toBe(200);
    expect((await approve(id, { areas: ['devices'] })).status).toBe(200);
    expect(await approve(id)).toMatchObject({ status: 409, body: { code: 'elevation_not_pending' } });
    expect((await approve(id, { areas: ['app_integrations'] })).status).toBe(409);
    expect((await opened()).write).toEqual(['devices']);
  });

  it('takes the place of a wider one: areas never add up', async () => {
    await approve(await asked(['devices', 'app_integrations']));
    await approve(await asked(['site_management']));
    expect((await opened()).write).toEqual(['site_management']);
  });

  it.each([
    ['an area nobody knows', { areas: ['everything'] }, 400, 'invalid_request'],
    ['no area at all', { areas: [] }, 400, 'invalid_request'],
    ['one a grant never opens', { areas: ['devices', 'assign_administrator_roles'] }, 400, 'area_not_grantable'],
  ])('refuses %s', async (_what, body, status, code) => {
    expect(await ask(body)).toMatchObject({ status, body: { code } });
  });

  it('is not widened by the approver', async () => {
    const id = await asked(['devices']);
    const widened = await approve(id, { areas: ['devices', 'app_integrations'] });
    expect(widened).toMatchObject({
      status: 400,
      body: { code: 'areas_beyond_request', areas: ['app_integrations'], errors: [{ pointer: '/areas' }] },
    });
    expect(await approve(id, { areas: [] })).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect((await opened()).write).toEqual([]);
    expect(await approve(id, { areas: ['assign_administrator_roles'] })).toMatchObject({
      body: { code: 'areas_beyond_request' },
    });
  });

  it('is refused for what restricted administrator mode leaves nothing of', async () => {
    // On from the start, until the partner lifts it.
    expect(await ask({ areas: ['users_and_licences'] })).toMatchObject({
      status: 409,
      body: { code: 'area_restricted', areas: ['users_and_licences'] },
    });
    const id = await asked(['users_and_licences', 'devices']);
    expect((await approve(id)).status).toBe(200);
    expect(await mayWrite(stage.agent, stage.customerId, 'devices')).toBe(true);
    expect(await mayWrite(stage.agent, stage.customerId, 'users.claim')).toBe(false);
    await world.database.transaction(asSystem, (em) =>
      em.nativeUpdate(Organization, { id: stage.customerId }, { restrictedMode: false }),
    );
    expect((await approve(await asked(['users_and_licences']))).status).toBe(200);
    expect(await mayWrite(stage.agent, stage.customerId, 'users.claim')).toBe(true);
  });
});

describe('the pages of an elevation', () => {
  it('ask for some areas, and grant fewer: ticks are all there is to it', async () => {
    const agent = new ConsoleVisitor(stage.agent.http);
    const form = `/elevations/new?customerId=${stage.customerId}`;
    expect((await agent.open(form)).html).toContain('What do you need to change?');
    const sent = { customerId: stage.customerId, partnerId: stage.partnerId, reason, areas: 'devices' };
    const offered = String(everyArea().length);
    expect((await agent.send(form, '/elevations', { ...sent, areasOffered: offered })).status).toBe(303);
    const { body } = await stage.agent.http.get(`/v1/elevations?customerId=${stage.customerId}`);
    const [{ id, areas }] = body.items;
    expect(areas).toEqual(['devices']);

    const page = `/elevations/${id}`;
    const admin = new ConsoleVisitor(stage.admin.http);
    expect((await admin.open(page)).html).toContain('1 area');
    const none = await admin.send(page, `${page}/approve`, { areasOffered: '1' });
    expect(none.status).toBe(400);
    expect((await admin.send(page, `${page}/approve`, { areas: 'devices', areasOffered: '1' })).status).toBe(303);
    expect((await opened()).write).toEqual(['devices']);
  });

  it('ask for all where every box stays ticked', async () => {
    const agent = new ConsoleVisitor(stage.agent.http);
    const form = `/elevations/new?customerId=${stage.customerId}`;
    const boxes = [...(await agent.open(form)).html.matchAll(/name="areas" value="(\w+)" checked/g)];
    expect(boxes.map(([, area = '']) => area).toSorted()).toEqual(everyArea());
  });
});
