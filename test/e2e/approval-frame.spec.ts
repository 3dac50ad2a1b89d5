import { randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asSystem, AuditEvent } from '#persistence';
import { organization, person, type Cast } from '../support/cast.ts';
import { ConsoleVisitor } from '../support/console-visitor.ts';
import { askFor, decide, setElevationStage, type ElevationStage } from '../support/elevation-stage.ts';
import { createWorld, type World } from '../support/world.ts';

/** What every flow owes to the frame: one order, one tenancy, pages that say what is so. */
let world: World;
let stage: ElevationStage;
let outsider: Cast;

beforeAll(async () => {
  world = await createWorld({ worker: false });
  stage = await setElevationStage(world);
  const elsewhere = await organization(world, 'customer');
  outsider = await person(world, 'Outsider', [{ in: elsewhere, roles: ['full_administrator'] }]);
}, 120_000);

afterAll(() => world?.stop());

const refusalsOf = (action: string, id: string) =>
  world.database.transaction(asSystem, async (em) => {
    const events = await em.find(AuditEvent, { action, outcome: 'refused' });
    return events.filter(({ subject }) => subject.id === id).map(({ facts }) => facts['code']);
  });

const outdated = { 'if-match': '"of-another-time"' };

/** A case of each flow, its path, and the acts that somebody of the wrong kind tries. */
const cases = [
  {
    feature: 'elevation',
    open: async () => {
      const agent = await person(world, 'Agent', [{ in: stage.partnerId, roles: ['help_desk_advanced'] }]);
      return { id: await askFor(stage, { by: agent }), path: '/v1/elevations', requester: agent };
    },
    body: {},
  },
  {
    feature: 'external-administrator',
    open: async () => {
      const { id: partnerId } = { id: await organization(world, 'partner') };
      const requester = await person(world, 'Asker', [{ in: partnerId, roles: ['partner_full_administrator'] }]);
      const path = '/v1/external-administrator-requests';
      const asked = await requester.http.post(path, { customerId: stage.customerId, reason: 'Order 4711' });
      return { id: asked.body.id as string, path, requester };
    },
    body: { email: 'requester@partner.example', role: 'full_administrator' },
  },
] as const;

describe.each(cases)('If-Match on $feature', ({ feature, open, body }) => {
  it('is judged after sight, so that an outsider learns nothing and the try is on record', async () => {
    const { id, path } = await open();
    const tried = await outsider.http.post(`${path}/${id}/approve`, body, outdated);
    expect([tried.status, tried.body.code]).toEqual([404, 'not_found']);
    const observer = await person(world, 'Device admin', [{ in: stage.customerId, roles: ['device_administrator'] }]);
    const barred = await observer.http.post(`${path}/${id}/approve`, body, outdated);
    expect([barred.status, barred.body.code]).toEqual([404, 'not_found']);
    expect(await refusalsOf(`${feature}.approved`, id)).toContain('not_involved');
  });

  it('is judged after the right, which is refused on record', async () => {
    const { id, path, requester } = await open();
    const own = await requester.http.post(`${path}/${id}/approve`, body, outdated);
    expect([own.status, own.body.code]).toEqual([403, 'approver_is_requester']);
    expect(await refusalsOf(`${feature}.approved`, id)).toEqual(
      Array.from({ length: feature === 'elevation' ? 1 : 2 }, () => 'approver_is_requester'),
    );
  });

  it('lets one of two who saw the same version decide; the other hears that it has changed', async () => {
    const { id, path } = await open();
    const seen = (await stage.admin.http.get(`${path}/${id}`)).headers.get('etag') ?? '';
    const theirs = (await stage.secondAdmin.http.get(`${path}/${id}`)).headers.get('etag') ?? '';
    expect(theirs).toBe(seen);
    const answers = await Promise.all([
      stage.admin.http.post(`${path}/${id}/deny`, { reason: 'No' }, { 'if-match': seen }),
      stage.secondAdmin.http.post(`${path}/${id}/deny`, { reason: 'Not now' }, { 'if-match': theirs }),
    ]);
    expect(answers.map(({ status }) => String(status)).toSorted()).toEqual(['200', '412']);
  });

  it('does not stand in the way of the same decision sent again', async () => {
    const { id, path } = await open();
    const seen = { 'if-match': (await stage.admin.http.get(`${path}/${id}`)).headers.get('etag') ?? '' };
    expect((await stage.admin.http.post(`${path}/${id}/deny`, {}, seen)).status).toBe(200);
    expect((await stage.admin.http.post(`${path}/${id}/deny`, {}, seen)).status).toBe(200);
  });
});

it('judges If-Match on help-desk sessions after sight and right', async () => {
  const opened = await stage.agent.http.post('/v1/help-desk-sessions', {
    customerId: stage.customerId,
    reason: 'To look',
  });
  const path = `/v1/help-desk-sessions/${opened.body.id}`;
  expect((await outsider.http.post(`${path}/revoke`, {}, outdated)).status).toBe(404);
  const own = await stage.agent.http.post(`${path}/revoke`, {}, outdated);
  expect([own.status, own.body.code]).toEqual([403, 'not_full_administrator']);
  expect(await refusalsOf('help-desk-session.revoked', opened.body.id)).toContain('not_full_administrator');
  expect((await stage.admin.http.post(`${path}/revoke`, {}, outdated)).status).toBe(412);
});

describe('inviting from the page', () => {
  it('finds the open invite of a person whom another organization knows, as the API does', async () => {
    const customerId = await organization(world, 'customer');
    const owner = await person(world, 'Owner', [
      { in: customerId, workspaceRole: 'owner', roles: ['full_administrator'] },
    ]);
    const known = await person(world, 'Known', [{ in: await organization(world, 'customer') }]);
    const first = await owner.http.post(`/v1/organizations/${customerId}/invites`, {
      email: known.email,
      workspaceRole: 'read_only',
    });
    expect(first.status).toBe(201);
    const form = `/organizations/${customerId}/invite`;
    const again = await new ConsoleVisitor(owner.http).send(form, form, {
      email: known.email,
      workspaceRole: 'full_access',
    });
    expect(again.status).toBe(409);
    const open = await owner.http.get(`/v1/organizations/${customerId}/invites?status=pending`);
    expect(open.body.items.map(({ id }: { id: string }) => id)).toEqual([first.body.id]);
  });

  it('takes five thousand rows, as the API does', async () => {
    const customerId = await organization(world, 'customer');
    const owner = await person(world, 'Owner', [{ in: customerId, workspaceRole: 'owner' }]);
    const names = Array.from({ length: 5_000 }, (_, row) => `no-address-${row},"Somebody, of the branch in Hamburg"`);
    const sent = await new ConsoleVisitor(owner.http).send(
      `/organizations/${customerId}/invite`,
      `/organizations/${customerId}/invite-many`,
      { csv: ['email,displayName', ...names].join('\r\n') },
    );
    expect(sent.status).toBe(303);
    const batchId = sent.location?.split('/').at(-1);
    const read = await owner.http.get(`/v1/organizations/${customerId}/invites/batches/${batchId}`);
    expect(read.body).toMatchObject({ total: 5_000, failed: 5_000 });
  });

  it('lets no external administrator make an administrator of somebody who works for a partner', async () => {
    const customerId = await organization(world, 'customer');
    const external = await person(world, 'External', [
      { in: customerId, kind: 'external', roles: ['full_administrator'] },
    ]);
    const colleague = await person(world, 'Colleague', [{ in: await organization(world, 'partner') }]);
    const form = `/organizations/${customerId}/invite`;
    const sent = await new ConsoleVisitor(external.http).send(form, form, {
      email: colleague.email,
      workspaceRole: 'read_only',
      administratorRoles: 'full_administrator',
    });
    expect(sent.status).toBe(403);
  });
});

describe('pages say what is so', () => {
  it('shows who has access to nobody from outside, and not as if there were none', async () => {
    const path = `/organizations/${stage.customerId}/access`;
    expect((await new ConsoleVisitor(outsider.http).open(path)).status).toBe(404);
    expect((await new ConsoleVisitor(stage.partnersAdmin.http).open(path)).status).toBe(404);
    const device = await person(world, 'Device admin', [{ in: stage.customerId, roles: ['device_administrator'] }]);
    expect((await new ConsoleVisitor(device.http).open(path)).status).toBe(403);
    expect((await new ConsoleVisitor(stage.admin.http).open(path)).status).toBe(200);
  });

  it('says while more time is asked for that access is open', async () => {
    const agent = await person(world, 'Extender', [{ in: stage.partnerId, roles: ['help_desk_advanced'] }]);
    const first = await askFor(stage, { by: agent });
    const fresh = await new ConsoleVisitor(stage.admin.http).open(`/elevations/${first}`);
    expect(fresh.html).toContain('Nothing is open yet');
    await decide(stage.admin, first, 'approve');
    const second = await askFor(stage, { by: agent });
    const { html } = await new ConsoleVisitor(stage.admin.http).open(`/elevations/${second}`);
    expect(html).not.toContain('Nothing is open yet');
    expect(html).toContain('Extender has access already');
  });

  it('promises an end only to access that has one', async () => {
    const visitor = new ConsoleVisitor(stage.admin.http);
    for (const [until, notice] of [
      ['', 'It lasts until an administrator removes it.'],
      ['2099-01-01', 'It ends with the day you chose.'],
    ] as const) {
      const partnerId = await organization(world, 'partner', { name: `Partner ${randomUUID().slice(0, 8)}` });
      const requester = await person(world, 'Asker', [{ in: partnerId, roles: ['partner_full_administrator'] }]);
      const asked = await requester.http.post('/v1/external-administrator-requests', {
        customerId: stage.customerId,
        reason: 'Order 4711',
      });
      const page = `/external-administrator-requests/${asked.body.id}`;
      const sent = await visitor.send(page, `${page}/approve`, {
        email: requester.email,
        role: 'read_only_administrator',
        until,
      });
      expect(sent.status).toBe(303);
      const { html } = await visitor.open(sent.location ?? '');
      expect(html).toContain(notice);
      expect(html).not.toContain('It ends by itself');
    }
  });
});

it('tells approvers by mail what the role matrix of this deployment opens', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'role-matrix-')), 'matrix.json');
  const cell = { table: 'customer', role: 'help_desk_advanced', setting: 'retrieve_logs', level: 'temporary' };
  writeFileSync(file, JSON.stringify([cell]));
  const deployment = await createWorld({ environment: { ROLE_MATRIX_FILE: file } });
  try {
    const asking = await setElevationStage(deployment);
    await askFor(asking);
    const mail = await deployment.mail.waitForMail({ to: asking.admin.email, kind: 'elevation.requested' }, 30_000);
    expect(mail.text?.replaceAll(/\s+/g, ' ')).toContain('Log retrieval');
  } finally {
    await deployment.stop();
  }
}, 120_000);
