import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AdministratorRole } from '#access';
import { asSystem, Grant, Membership } from '#persistence';
import { organization, person, relationship, service, type Cast } from '../support/cast.ts';
import type { HttpClient } from '../support/http-client.ts';
import { showSecondFactor } from '../support/support-team.ts';
import { createWorld, type World } from '../support/world.ts';

/** Domain 5: who asks, who decides, for how long. Rules need no workflow, so no worker runs here. */
let world: World;
let partnerId: string;
let agent: Cast;

beforeAll(async () => {
  world = await createWorld({ worker: false });
  partnerId = await organization(world, 'partner');
  agent = await person(world, 'Agent', [{ in: partnerId, roles: ['help_desk_advanced'] }]);
}, 120_000);

afterAll(() => world?.stop());

/** A customer of the partner with one full administrator. */
async function customerWithAdministrator(policy: Record<string, number> = {}): Promise<{ id: string; admin: Cast }> {
  const id = await organization(world, 'customer', { policy });
  await relationship(world, partnerId, id);
  return { id, admin: await person(world, 'Admin', [{ in: id, roles: ['full_administrator'] }]) };
}

const ask = (http: HttpClient, customerId: string, more: object = {}) =>
  http.post('/v1/elevations', { customerId, reason: 'Phones do not register', ...more });

async function refusalsOnRecord(admin: Cast, customerId: string): Promise<string[]> {
  const trail = await admin.http.get(`/v1/organizations/${customerId}/audit-events?outcome=refused`);
  return trail.body.items.map(
    ({ action, facts }: { action: string; facts: { code: string } }) => `${action}: ${facts.code}`,
  );
}

describe('asking for elevation', () => {
  const withoutTheRole: [AdministratorRole[]][] = [
    [['help_desk_basic']],
    [['full_administrator', 'partner_full_administrator']],
    [['partner_administrator']],
    [['partner_read_only_administrator']],
    [[]],
  ];

  it.each(withoutTheRole)('is refused to somebody of the partner with %j, and that goes on record', async (roles) => {
    const customer = await customerWithAdministrator();
    const colleague = await person(world, 'Colleague', [{ in: partnerId, roles }]);
    const answer = await ask(colleague.http, customer.id);
    expect(answer).toMatchObject({ status: 403, body: { code: 'not_help_desk_advanced' } });
    expect(await refusalsOnRecord(customer.admin, customer.id)).toEqual([
      'elevation.requested: not_help_desk_advanced',
    ]);
  });

  it("is refused to the customer's own people, to services, to the support team and to strangers", async () => {
    const customer = await customerWithAdministrator();
    const partnersService = await service(world, partnerId, ['help_desk_advanced']);
    for (const [http, code] of [
      [customer.admin.http, 'not_help_desk_advanced'],
      [partnersService, 'person_required'],
      [world.support, 'person_required'],
    ] as const) {
      expect(await ask(http, customer.id)).toMatchObject({ status: 403, body: { code } });
    }
    const partnersAdmin = await person(world, 'Partner admin', [{ in: partnerId, roles: ['full_administrator'] }]);
    expect(await refusalsOnRecord(partnersAdmin, partnerId)).toContain('api-key.used: person_required');
    expect((await ask(world.visitor, customer.id)).status).toBe(401);
  });

  it('finds only customers of the own partner', async () => {
    const rivalId = await organization(world, 'partner');
    const foreign = await organization(world, 'customer');
    await relationship(world, rivalId, foreign);
    await person(world, 'Admin', [{ in: foreign, roles: ['full_administrator'] }]);
    for (const id of [foreign, partnerId, rivalId, '019aa1f0-7c3e-7cc1-9d0a-5f3c1b2a4d5e']) {
      expect(await ask(agent.http, id)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    }
  });

  it('finds a former customer no more than one the partner never had, and that goes on record', async () => {
    const customer = await customerWithAdministrator();
    const asked = await ask(agent.http, customer.id);
    expect(asked.status).toBe(201);
    const { items } = (await customer.admin.http.get(`/v1/organizations/${customer.id}/relationships`)).body;
    const ended = await customer.admin.http.delete(`/v1/organizations/${customer.id}/relationships/${items[0].id}`);
    expect(ended.status).toBe(204);
    expect(await ask(agent.http, customer.id)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(await refusalsOnRecord(customer.admin, customer.id)).toEqual([
      'elevation.requested: no_provisioned_relationship',
    ]);
  });

  it('needs a provisioned relationship; one of an external administrator opens nothing to the help desk', async () => {
    const customer = await organization(world, 'customer');
    await relationship(world, partnerId, customer, 'external_administrator');
    await person(world, 'Admin', [{ in: customer, roles: ['full_administrator'] }]);
    expect(await ask(agent.http, customer)).toMatchObject({
      status: 403,
      body: { code: 'no_provisioned_relationship' },
    });
  });

  it('names the partner where the agent works for several of the customer', async () => {
    const customer = await customerWithAdministrator();
    const secondId = await organization(world, 'partner');
    await relationship(world, secondId, customer.id);
    const both = await person(world, 'Agent of two', [
      { in: partnerId, roles: ['help_desk_advanced'] },
      { in: secondId, roles: ['help_desk_advanced'] },
    ]);
    const answer = await ask(both.http, customer.id);
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'partner_required', errors: [{ pointer: '/partnerId' }] },
    });
    expect(new Set(answer.body.partnerIds)).toEqual(new Set([partnerId, secondId]));

    const named = await ask(both.http, customer.id, { partnerId: secondId });
    expect(named).toMatchObject({ status: 201, body: { partnerId: secondId } });
    const stranger = await organization(world, 'partner');
    expect(await ask(both.http, customer.id, { partnerId: stranger })).toMatchObject({ status: 403 });
  });

  it.each([
    ['nobody administers the customer', () => []],
    ['there are read-only administrators only', (id: string) => [{ in: id, roles: ['read_only_administrator'] }]],
    ['the Owner has no administrator role', (id: string) => [{ in: id, workspaceRole: 'owner' }]],
    ['the administrator is external', (id: string) => [{ in: id, kind: 'external', roles: ['full_administrator'] }]],
    [
      'the administrator belongs to the requesting partner',
      (id: string) => [{ in: id, roles: ['full_administrator'] }, { in: partnerId }],
    ],
  ] as [string, (id: string) => Parameters<typeof person>[2]][])(
    'is refused at once where %s',
    async (_why, placesIn) => {
      const customer = await organization(world, 'customer');
      await relationship(world, partnerId, customer);
      await person(world, 'Somebody', placesIn(customer));
      expect(await ask(agent.http, customer)).toMatchObject({ status: 409, body: { code: 'no_eligible_approver' } });
    },
  );

  it('is refused where the agent would be the only one to approve', async () => {
    const customer = await organization(world, 'customer');
    await relationship(world, partnerId, customer);
    const selfApprover = await person(world, 'Both', [
      { in: partnerId, roles: ['help_desk_advanced'] },
      { in: customer, roles: ['full_administrator'] },
    ]);
    expect(await ask(selfApprover.http, customer)).toMatchObject({
      status: 409,
      body: { code: 'no_eligible_approver' },
    });
  });

  it('is possible once per agent and customer at a time', async () => {
    const customer = await customerWithAdministrator();
    const first = await ask(agent.http, customer.id);
    expect(await ask(agent.http, customer.id)).toMatchObject({
      status: 409,
      body: { code: 'elevation_already_open', state: { id: first.body.id, status: 'pending' } },
    });
    const colleague = await person(world, 'Colleague', [{ in: partnerId, roles: ['help_desk_advanced'] }]);
    expect((await ask(colleague.http, customer.id)).status).toBe(201);
  });

  it('opens one request when the same agent asks ten times at once', async () => {
    const customer = await customerWithAdministrator();
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(agent.http, customer.id)));
    const counted = (status: number) => answers.filter((answer) => answer.status === status).length;
    expect([counted(201), counted(409)]).toEqual([1, 9]);
  });
});

describe('deciding about elevation', () => {
  it('is for home full administrators of the customer who are independent of the agent and the partner', async () => {
    const { id: customerId, admin } = await customerWithAdministrator();
    const requester = await person(world, 'Requester', [
      { in: partnerId, roles: ['help_desk_advanced'] },
      { in: customerId, roles: ['full_administrator'] },
    ]);
    const asked = await ask(requester.http, customerId);
    expect(asked.body.eligibleApprovers).toEqual({ count: 1, names: ['Admin'] });

    const platformId = await organization(world, 'platform');
    const external = await organization(world, 'partner');
    await relationship(world, external, customerId, 'external_administrator');
    const one = async (...places: Parameters<typeof person>[2]) => (await person(world, 'Somebody', places)).http;
    const full: AdministratorRole[] = ['full_administrator'];
    const supporter = await person(world, 'Sam', [{ in: platformId, roles: full }]);
    await showSecondFactor(world, supporter.email);
    const refused: [HttpClient, number, string][] = [
      [requester.http, 403, 'approver_is_requester'],
      [await one({ in: customerId, roles: full }, { in: partnerId }), 403, 'approver_in_requesting_partner'],
      [await one({ in: customerId, roles: ['read_only_administrator'] }), 403, 'approver_not_full_administrator'],
      [await one({ in: customerId, workspaceRole: 'owner' }), 404, 'not_found'],
      [await one({ in: partnerId, roles: ['partner_administrator'] }), 404, 'not_found'],
      [await one({ in: customerId, roles: full, kind: 'external' }, { in: external }), 404, 'not_found'],
      [
        await one({ in: partnerId, roles: ['full_administrator', 'partner_full_administrator'] }),
        403,
        'approver_not_full_administrator',
      ],
      [await service(world, customerId, full), 403, 'person_required'],
      [world.support, 403, 'support_never_approves'],
      [supporter.http, 403, 'support_never_approves'],
      [(await customerWithAdministrator()).admin.http, 404, 'not_found'],
      [await one(), 404, 'not_found'],
      [world.visitor, 401, 'not_authenticated'],
    ];
    for (const [http, status, code] of refused) {
      for (const verb of ['approve', 'deny']) {
        expect(await http.post(`/v1/elevations/${asked.body.id}/${verb}`)).toMatchObject({ status, body: { code } });
      }
    }
    const seen = await admin.http.get(`/v1/elevations/${asked.body.id}`);
    expect(seen.body).toMatchObject({ status: 'pending', grant: null });
    const onRecord = await refusalsOnRecord(admin, customerId);
    // Those of either side who may not see the request are refused on record, too, though they are told of nothing.
    const unseen = onRecord.filter((entry) => entry.endsWith(': not_involved'));
    expect(unseen).toHaveLength(2 * 3);
    expect(onRecord).toHaveLength(unseen.length + 2 * refused.filter(([, status]) => status === 403).length);
    expect(onRecord).toContain('elevation.approved: approver_in_requesting_partner');
    expect(onRecord).toContain('elevation.denied: support_never_approves');

    expect((await admin.http.post(`/v1/elevations/${asked.body.id}/approve`)).status).toBe(200);
  });

  it('leaves withdrawing and returning to the agent, and revoking to the administrators', async () => {
    const { id: customerId, admin } = await customerWithAdministrator();
    const asked = await ask(agent.http, customerId);
    const path = `/v1/elevations/${asked.body.id}`;
    expect(await admin.http.post(`${path}/cancel`)).toMatchObject({ status: 403, body: { code: 'not_your_request' } });
    await admin.http.post(`${path}/approve`);
    expect(await admin.http.post(`${path}/return`)).toMatchObject({ status: 403, body: { code: 'not_your_request' } });
    expect(await agent.http.post(`${path}/revoke`)).toMatchObject({
      status: 403,
      body: { code: 'not_full_administrator' },
    });
    const readOnly = await person(world, 'Reader', [{ in: customerId, roles: ['read_only_administrator'] }]);
    expect((await readOnly.http.post(`${path}/revoke`)).status).toBe(403);
    expect((await world.support.post(`${path}/revoke`)).status).toBe(403);

    const another = await person(world, 'Second admin', [{ in: customerId, roles: ['full_administrator'] }]);
    expect(await another.http.post(`${path}/revoke`, { reason: 'Done' })).toMatchObject({
      status: 200,
      body: { status: 'approved', grant: { status: 'revoked', endReason: 'Done' } },
    });
  });

  it('is nothing to people of either side who may not see it, whatever they try', async () => {
    const { id: customerId, admin } = await customerWithAdministrator();
    const owner = await person(world, 'Owner', [{ in: customerId, workspaceRole: 'owner' }]);
    const colleague = await person(world, 'Colleague', [{ in: partnerId, roles: ['help_desk_advanced'] }]);
    const path = `/v1/elevations/${(await ask(agent.http, customerId)).body.id}`;
    for (const { http } of [owner, colleague]) {
      expect((await http.get(path)).status).toBe(404);
      for (const verb of ['approve', 'deny', 'cancel', 'revoke', 'return'])
        expect([verb, (await http.post(`${path}/${verb}`)).status]).toEqual([verb, 404]);
    }
    expect(await refusalsOnRecord(admin, customerId)).toEqual(
      [
        'returned',
        'revoked',
        'cancelled',
        'denied',
        'approved',
        'returned',
        'revoked',
        'cancelled',
        'denied',
        'approved',
      ].map((verb) => `elevation.${verb}: not_involved`),
    );
  });

  it('takes no field that it does not know: a misspelt duration would give the whole hour', async () => {
    const { id: customerId, admin } = await customerWithAdministrator();
    const path = `/v1/elevations/${(await ask(agent.http, customerId)).body.id}`;
    for (const [{ http }, verb] of [
      [admin, 'approve'],
      [admin, 'deny'],
      [admin, 'revoke'],
      [agent, 'cancel'],
      [agent, 'return'],
    ] as const) {
      expect(await http.post(`${path}/${verb}`, { durationSecond: 60 })).toMatchObject({
        status: 400,
        body: { code: 'invalid_request', errors: [{ pointer: '/durationSecond' }] },
      });
    }
    expect((await admin.http.get(path)).body.status).toBe('pending');
  });

  it('repeated to another effect is a conflict, and nothing to whoever lost sight of it', async () => {
    const { id: customerId, admin } = await customerWithAdministrator();
    const first = `/v1/elevations/${(await ask(agent.http, customerId)).body.id}`;
    expect((await admin.http.post(`${first}/approve`, { durationSeconds: 600 })).status).toBe(200);
    expect((await admin.http.post(`${first}/approve`, { durationSeconds: 600 })).status).toBe(200);
    for (const body of [{ durationSeconds: 900 }, {}]) {
      expect(await admin.http.post(`${first}/approve`, body)).toMatchObject({
        status: 409,
        body: { code: 'elevation_not_pending', state: { status: 'approved' } },
      });
    }
    const second = `/v1/elevations/${(await ask(agent.http, customerId)).body.id}`;
    expect((await admin.http.post(`${second}/deny`)).status).toBe(200);
    expect((await admin.http.post(`${second}/deny`, { unexpected: true })).status).toBe(409);
    expect(await admin.http.post(`${second}/revoke`)).toMatchObject({
      status: 409,
      body: { title: 'There is no active grant', state: { status: 'denied', grant: null } },
    });

    await world.database.transaction(asSystem, async (em) => {
      const membership = await em.findOneOrFail(Membership, { accountId: admin.accountId, organizationId: customerId });
      membership.administratorRoles = [];
    });
    expect((await admin.http.post(`${first}/approve`, { durationSeconds: 600 })).status).toBe(404);
  });

  it('judges the approver at that moment: who was demoted since the mail is refused', async () => {
    const { id: customerId, admin } = await customerWithAdministrator();
    const second = await person(world, 'Second admin', [{ in: customerId, roles: ['full_administrator'] }]);
    const asked = await ask(agent.http, customerId);
    expect(asked.body.eligibleApprovers.count).toBe(2);
    const page = await second.http.get(`/v1/elevations/${asked.body.id}`);
    expect(page.status).toBe(200);

    const demoted = await admin.http.put(
      `/v1/organizations/${customerId}/members/${second.memberIds[customerId]}/administrator-roles`,
      { roles: [] },
    );
    expect(demoted.status).toBe(200);
    const attempts: Record<string, string>[] = [{}, { 'If-Match': page.headers.get('etag') ?? '' }];
    for (const headers of attempts) {
      const answer = await second.http.post(`/v1/elevations/${asked.body.id}/approve`, {}, headers);
      expect([403, 404]).toContain(answer.status);
    }
    expect((await admin.http.get(`/v1/elevations/${asked.body.id}`)).body.eligibleApprovers.count).toBe(1);
  });

  it('gives nothing to an agent who lost the role while the request was open', async () => {
    const { id: customerId, admin } = await customerWithAdministrator();
    const leaving = await person(world, 'Leaving', [{ in: partnerId, roles: ['help_desk_advanced'] }]);
    const partnersAdmin = await person(world, 'Partner admin', [{ in: partnerId, roles: ['full_administrator'] }]);
    const asked = await ask(leaving.http, customerId);
    await partnersAdmin.http.put(
      `/v1/organizations/${partnerId}/members/${leaving.memberIds[partnerId]}/administrator-roles`,
      { roles: ['help_desk_basic'] },
    );
    expect(await admin.http.post(`/v1/elevations/${asked.body.id}/approve`)).toMatchObject({
      status: 409,
      body: { code: 'elevation_not_pending', state: { status: 'cancelled' } },
    });
    expect((await leaving.http.get(`/v1/elevations/${asked.body.id}`)).body).toMatchObject({
      status: 'cancelled',
      decisionReason: 'role_lost',
    });
  });

  it('is the same to repeat for the same person, and a conflict for everybody else', async () => {
    const { id: customerId, admin } = await customerWithAdministrator();
    const second = await person(world, 'Second admin', [{ in: customerId, roles: ['full_administrator'] }]);
    const decisions: [string, Cast, string, string[]][] = [
      ['approve', admin, 'approved', ['deny', 'cancel']],
      ['deny', admin, 'denied', ['approve', 'cancel', 'revoke', 'return']],
      ['cancel', agent, 'cancelled', ['approve', 'deny', 'revoke', 'return']],
    ];
    for (const [verb, decider, status, opposing] of decisions) {
      const asked = await ask(agent.http, customerId);
      const path = `/v1/elevations/${asked.body.id}`;
      const first = await decider.http.post(`${path}/${verb}`);
      expect(first).toMatchObject({ status: 200, body: { status } });
      const again = await decider.http.post(`${path}/${verb}`);
      expect(again).toMatchObject({ status: 200, body: { status, decidedAt: first.body.decidedAt } });

      for (const other of opposing) {
        const who = ['cancel', 'return'].includes(other) ? agent : second;
        const answer = await who.http.post(`${path}/${other}`);
        expect(answer).toMatchObject({ status: 409, body: { state: { status } } });
      }
      if (verb !== 'cancel') {
        expect(await second.http.post(`${path}/${verb}`)).toMatchObject({ status: 409, body: { state: { status } } });
      }
      const trail = await admin.http.get(
        `/v1/organizations/${customerId}/audit-events?outcome=success&subjectId=${asked.body.id}`,
      );
      expect(trail.body.items.map((event: { action: string }) => event.action)).toEqual([
        `elevation.${status}`,
        'elevation.requested',
      ]);
    }
    const revoked = await admin.http.get(`/v1/elevations?customerId=${customerId}&status=approved`);
    const path = `/v1/elevations/${revoked.body.items[0].id}`;
    for (const round of [1, 2]) expect([round, (await admin.http.post(`${path}/revoke`)).status]).toEqual([round, 200]);
    for (const [who, verb] of [
      [second, 'revoke'],
      [agent, 'return'],
    ] as const) {
      expect(await who.http.post(`${path}/${verb}`)).toMatchObject({
        status: 409,
        body: { code: 'grant_not_active', state: { status: 'approved', grant: 'revoked' } },
      });
    }
  });
});

describe('how long', () => {
  it('the customer sets both clocks within the bounds of the deployment, and nobody else does', async () => {
    const { id: customerId, admin } = await customerWithAdministrator();
    const set = (http: HttpClient, policy: object) => http.patch(`/v1/organizations/${customerId}`, { policy });
    expect(await set(admin.http, { elevationPendingSeconds: 72 * 3600 + 1 })).toMatchObject({
      status: 400,
      body: { code: 'duration_above_policy', maximumSeconds: 72 * 3600 },
    });
    expect(await set(admin.http, { elevationMaxSeconds: 24 * 3600 + 1 })).toMatchObject({
      status: 400,
      body: { code: 'duration_above_policy', maximumSeconds: 24 * 3600 },
    });
    for (const seconds of [0, -1, 1.5, '60', null]) {
      expect((await set(admin.http, { elevationPendingSeconds: seconds })).status).toBe(400);
    }
    const readOnly = await person(world, 'Reader', [{ in: customerId, roles: ['read_only_administrator'] }]);
    expect((await set(readOnly.http, { elevationPendingSeconds: 60 })).status).toBe(403);
    expect((await set(agent.http, { elevationPendingSeconds: 60 })).status).toBe(403);

    expect((await set(admin.http, { elevationPendingSeconds: 90, elevationMaxSeconds: 600 })).status).toBe(200);
    const asked = await ask(agent.http, customerId);
    expect(Date.parse(asked.body.decideBy) - Date.parse(asked.body.createdAt)).toBe(90_000);
    expect(asked.body.durationSeconds).toBe(600);
  });

  it('the agent may ask for less than the policy allows, the approver give less than was asked', async () => {
    const { id: customerId, admin } = await customerWithAdministrator({ elevationMaxSeconds: 1800 });
    expect(await ask(agent.http, customerId, { durationSeconds: 1801 })).toMatchObject({
      status: 400,
      body: { code: 'duration_above_policy', maximumSeconds: 1800, errors: [{ pointer: '/durationSeconds' }] },
    });
    const asked = await ask(agent.http, customerId, { durationSeconds: 1200 });
    expect(asked).toMatchObject({ status: 201, body: { durationSeconds: 1200 } });
    const path = `/v1/elevations/${asked.body.id}/approve`;
    expect(await admin.http.post(path, { durationSeconds: 1201 })).toMatchObject({
      status: 400,
      body: { code: 'duration_above_policy', maximumSeconds: 1200 },
    });
    const { body } = await admin.http.post(path, { durationSeconds: 300 });
    expect(Date.parse(body.grant.expiresAt) - Date.parse(body.grant.startsAt)).toBe(300_000);
    expect(body.grant.startsAt).toBe(body.decidedAt);
  });

  it('is an hour from the approval where nobody says otherwise, and never more than the policy of that moment', async () => {
    const { id: customerId, admin } = await customerWithAdministrator();
    const asked = await ask(agent.http, customerId);
    expect(asked.body.durationSeconds).toBe(3600);
    expect(Date.parse(asked.body.decideBy) - Date.parse(asked.body.createdAt)).toBe(3600_000);
    await admin.http.patch(`/v1/organizations/${customerId}`, { policy: { elevationMaxSeconds: 900 } });
    const { body } = await admin.http.post(`/v1/elevations/${asked.body.id}/approve`);
    expect(Date.parse(body.grant.expiresAt) - Date.parse(body.grant.startsAt)).toBe(900_000);
  });

  it('never adds up: an extension takes the place of the grant', async () => {
    const { id: customerId, admin } = await customerWithAdministrator();
    const first = await ask(agent.http, customerId, { durationSeconds: 3000 });
    await admin.http.post(`/v1/elevations/${first.body.id}/approve`);
    const second = await ask(agent.http, customerId, { durationSeconds: 60 });
    const extended = await admin.http.post(`/v1/elevations/${second.body.id}/approve`);
    expect(Date.parse(extended.body.grant.expiresAt) - Date.parse(extended.body.grant.startsAt)).toBe(60_000);

    const former = await agent.http.get(`/v1/elevations/${first.body.id}`);
    expect(former.body.grant).toMatchObject({ status: 'superseded', endedAt: extended.body.grant.startsAt });
    const live = await world.database.transaction(asSystem, (em) =>
      em.find(Grant, { organizationId: customerId, status: 'active' }),
    );
    expect(live.map((grant) => grant.sourceId)).toEqual([second.body.id]);

    const denied = await ask(agent.http, customerId, { durationSeconds: 60 });
    await admin.http.post(`/v1/elevations/${denied.body.id}/deny`);
    expect((await agent.http.get(`/v1/elevations/${second.body.id}`)).body.grant.status).toBe('active');
  });
});
