import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { administratorRoles, defaultMatrices, putInForce } from '#access';
import {
  addMember,
  createCustomer,
  createPartner,
  setAdministratorRoles,
  type OrganizationWithFirst,
  type Person,
} from '../support/people.ts';
import { ask, levelOf, question } from '../support/questions.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let partner: OrganizationWithFirst;
let customer: OrganizationWithFirst;
/** Somebody of the partner whose roles change from test to test. */
let changing: Person;

beforeAll(async () => {
  world = await createWorld();
  partner = await createPartner(world);
  customer = await createCustomer(world, partner);
  changing = await addMember(world, partner);
}, 120_000);

afterAll(() => world?.stop());

describe('a sample of the matrices, through the evaluation API', () => {
  // Typed from the documents by hand; the whole tables are tested beside the rules.
  it.each([
    ['full_administrator', { assign_administrator_roles: 'write', devices: 'write', legal_hold: 'none' }],
    ['read_only_administrator', { users_and_licences: 'read', troubleshooting: 'read', join_meetings: 'none' }],
    ['support_administrator', { analytics_and_reports: 'write', troubleshooting: 'write', devices: 'none' }],
    ['user_and_device_administrator', { users_and_licences: 'write', devices: 'write', site_management: 'none' }],
    ['device_administrator', { devices: 'write', users_and_licences: 'none' }],
    ['compliance_officer', { user_generated_content: 'write', legal_hold: 'write', devices: 'none' }],
    ['advanced_troubleshooting', { join_meetings: 'write', troubleshooting: 'none' }],
    ['partner_full_administrator', { 'partner.assign_administrator_roles': 'write', 'partner.branding': 'write' }],
    ['partner_administrator', { 'partner.create_customers': 'write', 'partner.assign_administrator_roles': 'none' }],
    ['partner_read_only_administrator', { 'partner.analytics': 'read', 'partner.create_customers': 'none' }],
    ['help_desk_basic', { 'partner.help_desk_view': 'read', 'partner.branding': 'none', retrieve_logs: 'none' }],
    ['help_desk_advanced', { 'partner.help_desk_view': 'read', devices: 'none' }],
  ] as const)('%s in the own organization', async (role, expected) => {
    await setAdministratorRoles(partner, changing, [role]);
    for (const [setting, level] of Object.entries(expected))
      expect([setting, await levelOf(changing, setting, partner.id)]).toEqual([setting, level]);
  });

  it.each([
    ['partner_full_administrator', { assign_administrator_roles: 'write', users_and_licences: 'write' }],
    ['partner_administrator', { users_and_licences: 'none', devices: 'none' }],
    ['partner_read_only_administrator', { devices: 'read', legal_hold: 'none', assign_administrator_roles: 'none' }],
    ['help_desk_basic', { devices: 'none', troubleshooting: 'none' }],
    ['full_administrator', { devices: 'none', organization_settings: 'none' }],
  ] as const)('%s of the partner on a customer', async (role, expected) => {
    await setAdministratorRoles(partner, changing, [role]);
    for (const [setting, level] of Object.entries(expected))
      expect([setting, await levelOf(changing, setting, customer.id)]).toEqual([setting, level]);
  });
});

describe('an evaluation', () => {
  it('explains itself, and is right from the very next question on', async () => {
    await setAdministratorRoles(partner, changing, ['partner_read_only_administrator']);
    expect((await ask(changing, 'read', 'devices', customer.id)).body).toEqual({
      decision: true,
      context: { reasons: [{ kind: 'role', id: 'partner_read_only_administrator' }] },
    });
    await setAdministratorRoles(partner, changing, []);
    expect((await ask(changing, 'read', 'devices', customer.id)).body).toEqual({
      decision: false,
      context: { reasons: [{ kind: 'denial', id: 'no_role' }] },
    });
  });

  it('denies what is unknown, foreign or none of the caller’s business', async () => {
    const stranger = await createPartner(world, 'Stranger');
    const id = partner.first.accountId;
    const nobody = '019aa1f0-7c3e-7cc1-9d0a-5f3c1b2a4d5e';
    const requests = [
      ['unknown_setting', question(id, 'write', 'no_such_setting', partner.id)],
      ['unknown_action', question(id, 'destroy', 'devices', partner.id)],
      ['unknown_organization', question(id, 'write', 'devices', stranger.id)],
      ['unknown_organization', question(id, 'write', 'devices', nobody)],
      // Nobody and somebody of another tenant are the same.
      ['no_role', question(nobody, 'write', 'devices', partner.id)],
      ['no_role', question(stranger.first.accountId, 'write', 'devices', partner.id)],
      ['unknown_subject', question('nobody', 'write', 'devices', partner.id)],
      ['unknown_organization', question(stranger.first.accountId, 'write', 'devices', stranger.id)],
      ['unknown_subject_type', { ...question(id, 'write', 'devices', partner.id), subject: { type: 'robot', id } }],
    ] as const;
    for (const [denial, request] of requests) {
      const answer = await partner.first.http.post('/access/v1/evaluation', request);
      expect([answer.status, answer.body.decision, answer.body.context.reasons]).toEqual([
        200,
        false,
        // What the subject does have stands before the reason of the denial.
        expect.arrayContaining([{ kind: 'denial', id: denial }]),
      ]);
    }
    expect(
      await stranger.first.http.post('/access/v1/evaluation', question(id, 'write', 'devices', partner.id)),
    ).toMatchObject({ status: 200, body: { decision: false } });
  });

  it('tells the caller’s own name for the request, also where the question is not valid', async () => {
    const headers = { 'X-Request-ID': 'bfe9eb29-ab87-4ca3-be83-a1d5d8305716' };
    const request = question(partner.first.accountId, 'write', 'devices', partner.id);
    const right = await partner.first.http.post('/access/v1/evaluation', request, headers);
    const wrong = await partner.first.http.post('/access/v1/evaluation', { subject: 1 }, headers);
    expect([right.status, wrong.status]).toEqual([200, 400]);
    for (const answer of [right, wrong]) expect(answer.headers.get('x-request-id')).toBe(headers['X-Request-ID']);
  });
});

describe('a batch of evaluations', () => {
  const post = (body: unknown) => partner.first.http.post('/access/v1/evaluations', body);
  const defaults = () => question(partner.first.accountId, 'write', 'devices', partner.id);
  const decisions = (answer: { body: { evaluations: { decision: boolean }[] } }) =>
    answer.body.evaluations.map(({ decision }) => decision);

  it('fills each question up with the defaults and answers in order', async () => {
    const { subject, resource } = defaults();
    const answer = await post({
      subject,
      resource,
      evaluations: [
        { action: { name: 'read' } },
        { action: { name: 'write' }, resource: { ...resource, id: 'legal_hold' } },
        { action: { name: 'write' } },
      ],
    });
    expect(decisions(answer)).toEqual([true, false, true]);
  });

  it('denies a question that is not complete, and only that one', async () => {
    const answer = await post({ ...defaults(), evaluations: [{}, { action: 'write' }, { resource: null }, {}] });
    expect(decisions(answer)).toEqual([true, false, false, true]);
    expect(answer.body.evaluations[1].context.reasons).toEqual([{ kind: 'denial', id: 'invalid_request' }]);
  });

  it.each([
    ['execute_all', [true, false, true]],
    ['deny_on_first_deny', [true, false]],
    ['permit_on_first_permit', [true]],
  ])('goes by the semantic %s', async (semantic, expected) => {
    const answer = await post({
      ...defaults(),
      evaluations: [{}, { action: { name: 'destroy' } }, {}],
      options: { evaluations_semantic: semantic },
    });
    expect(decisions(answer)).toEqual(expected);
  });

  it('without items is a single evaluation, and refuses a semantic that is not one', async () => {
    expect((await post(defaults())).body).toMatchObject({ decision: true, context: {} });
    expect((await post({ ...defaults(), evaluations: [] })).body).toMatchObject({ decision: true });
    expect((await post({ subject: defaults().subject })).status).toBe(400);
    expect((await post({ ...defaults(), evaluations: [{}], options: { evaluations_semantic: 'any' } })).status).toBe(
      400,
    );
  });
});

describe('a search', () => {
  const search = (person: Person, kind: string, body: unknown) => person.http.post(`/access/v1/search/${kind}`, body);
  const setting = (id: string, organizationId: string) => ({ type: 'setting', id, properties: { organizationId } });
  const accounts = (answer: { body: { results: { id: string }[] } }) => answer.body.results.map(({ id }) => id).sort();
  const whoMayWrite = (page?: object) => ({
    subject: { type: 'account' },
    action: { name: 'write' },
    resource: setting('devices', customer.id),
    ...(page && { page }),
  });

  it('finds who has access to a setting, and loses them as soon as they have not', async () => {
    const agent = await addMember(world, partner, { administratorRoles: ['help_desk_advanced'] });
    const asked = await agent.http.post('/v1/elevations', { customerId: customer.id, reason: 'Phones' });
    const before = [customer.first.accountId, partner.first.accountId].sort();
    expect(accounts(await search(customer.first, 'subject', whoMayWrite()))).toEqual(before);
    await customer.first.http.post(`/v1/elevations/${asked.body.id}/approve`);
    expect(accounts(await search(customer.first, 'subject', whoMayWrite()))).toEqual(
      [...before, agent.accountId].sort(),
    );
    await customer.first.http.post(`/v1/elevations/${asked.body.id}/revoke`);
    expect(accounts(await search(customer.first, 'subject', whoMayWrite()))).toEqual(before);
  });

  it('comes in pages that together are the whole', async () => {
    const first = await search(customer.first, 'subject', whoMayWrite({ limit: 1 }));
    expect(first.body.page).toMatchObject({ count: 1, next_token: expect.stringMatching(/./) });
    const next = await search(customer.first, 'subject', whoMayWrite({ limit: 1, token: first.body.page.next_token }));
    expect(next.body.page.next_token).toBe('');
    expect([...accounts(first), ...accounts(next)].sort()).toEqual(
      [customer.first.accountId, partner.first.accountId].sort(),
    );
    expect((await search(customer.first, 'subject', whoMayWrite({ token: 'eA' }))).status).toBe(400);
  });

  it('tells nothing to those who may not ask about everybody', async () => {
    const device = await addMember(world, partner, { administratorRoles: ['device_administrator'] });
    const stranger = (await createPartner(world, 'Stranger')).first;
    for (const person of [device, stranger])
      expect((await search(person, 'subject', whoMayWrite())).body).toEqual({
        results: [],
        page: { next_token: '', count: 0 },
      });
  });

  it('finds what a person may reach, in one organization or wherever they have standing', async () => {
    const reader = await addMember(world, partner, { administratorRoles: ['device_administrator', 'help_desk_basic'] });
    const everywhere = { subject: { type: 'account', id: reader.accountId }, action: { name: 'write' } };
    const found = await search(reader, 'resource', { ...everywhere, resource: { type: 'setting' } });
    expect(found.body.results).toEqual([setting('devices', partner.id)]);
    await reader.http.post('/v1/help-desk-sessions', { customerId: customer.id, reason: 'Phones' });
    const there = await search(reader, 'resource', {
      ...everywhere,
      resource: { type: 'setting', properties: { organizationId: customer.id } },
    });
    expect(there.body.results).toEqual([
      setting('troubleshooting', customer.id),
      setting('retrieve_logs', customer.id),
    ]);
    // Those who administer the person see it, others see nothing.
    const all = { ...everywhere, resource: { type: 'setting' } };
    expect((await search(partner.first, 'resource', all)).body.results).toHaveLength(3);
    const stranger = (await createPartner(world, 'Stranger')).first;
    expect((await search(stranger, 'resource', all)).body.results).toEqual([]);
    const first = await search(reader, 'resource', { ...all, page: { limit: 2 } });
    const second = await search(reader, 'resource', { ...all, page: { token: first.body.page.next_token } });
    expect([first.body.results.length, second.body.results.length]).toEqual([2, 1]);
    expect(second.body.page.next_token).toBe('');
  });

  it('finds what a person may do with a setting', async () => {
    const actionsOf = async (id: string) =>
      (
        await search(partner.first, 'action', {
          subject: { type: 'account', id: partner.first.accountId },
          resource: setting(id, partner.id),
        })
      ).body.results.map(({ name }: { name: string }) => name);
    expect(await actionsOf('devices')).toEqual(['read', 'write']);
    expect(await actionsOf('workspace.give_owner')).toEqual(['use']);
    expect(await actionsOf('legal_hold')).toEqual([]);
  });

  it('is found by the discovery document, every endpoint of which answers', async () => {
    const { body } = await world.visitor.get('/.well-known/authzen-configuration');
    const endpoints = Object.entries<string>(body).filter(([name]) => name.endsWith('_endpoint'));
    expect(endpoints.map(([name]) => name).sort()).toEqual([
      'access_evaluation_endpoint',
      'access_evaluations_endpoint',
      'search_action_endpoint',
      'search_resource_endpoint',
      'search_subject_endpoint',
    ]);
    for (const [, url] of endpoints)
      expect((await partner.first.http.post(url.replace(world.config.publicUrl, ''), 1)).status).toBe(400);
  });
});

describe('effective access', () => {
  const read = (person: Person, organizationId: string, accountId?: string) =>
    person.http.get(
      `/v1/organizations/${organizationId}/effective-access${accountId ? `?accountId=${accountId}` : ''}`,
    );

  it('tells every setting with its level and reasons', async () => {
    const { status, body } = await read(partner.first, partner.id);
    expect(status).toBe(200);
    expect(body.settings.find(({ id }: { id: string }) => id === 'devices')).toEqual({
      id: 'devices',
      level: 'write',
      reasons: [{ kind: 'role', id: 'full_administrator' }],
    });
    expect(body).toMatchObject({ banner: null, manageUsers: { enabled: true } });
  });

  it('agrees with the evaluation of each setting', async () => {
    await setAdministratorRoles(partner, changing, ['partner_read_only_administrator']);
    const { body } = await read(changing, customer.id);
    for (const { id, level } of body.settings.filter(({ id: name }: { id: string }) => !name.startsWith('workspace.')))
      expect([id, await levelOf(changing, id, customer.id)]).toEqual([id, level]);
  });

  it('of somebody else is for those who administer them', async () => {
    expect(await read(partner.first, partner.id, changing.accountId)).toMatchObject({
      status: 200,
      body: { accountId: changing.accountId },
    });
    await setAdministratorRoles(partner, changing, ['device_administrator']);
    expect((await read(changing, partner.id, partner.first.accountId)).status).toBe(403);
    const stranger = await createPartner(world, 'Stranger');
    expect((await read(stranger.first, partner.id)).status).toBe(404);
    expect((await read(partner.first, partner.id, stranger.first.accountId)).status).toBe(404);
  });
});

describe('the role matrix', () => {
  it('is open to everybody, with the origin of each cell', async () => {
    const { body } = await world.visitor.get('/v1/role-matrix');
    expect(body.items).toContainEqual({
      table: 'organization',
      role: 'device_administrator',
      setting: 'devices',
      level: 'write',
      origin: 'stated',
    });
    const roles = new Set(body.items.map(({ role }: { role: string }) => role));
    for (const role of administratorRoles) expect(roles).toContain(role);
  });

  it('of a deployment is the one that is shown and judged by', async () => {
    const file = join(tmpdir(), `role-matrix-${process.pid}.json`);
    const cell = { table: 'organization', role: 'device_administrator', setting: 'site_management', level: 'read' };
    await writeFile(file, JSON.stringify([cell]));
    const other = await createWorld({ environment: { ROLE_MATRIX_FILE: file } });
    try {
      const { body } = await other.visitor.get('/v1/role-matrix');
      expect(body.items).toContainEqual({ ...cell, origin: 'inferred' });
      const elsewhere = await createPartner(other);
      const person = await addMember(other, elsewhere, { administratorRoles: ['device_administrator'] });
      expect(await levelOf(person, 'site_management', elsewhere.id)).toBe('read');
    } finally {
      await other.stop();
      putInForce(defaultMatrices);
      await rm(file);
    }
  }, 60_000);
});
