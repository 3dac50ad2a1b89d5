import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asSystem, AuditEvent, ChangeRequest, Organization } from '#persistence';
import { expireRequest, changeRequestFlow, theClock } from '#decisions';
import { organization, person, relationship, service, type Cast } from '../support/cast.ts';
import { ConsoleVisitor } from '../support/console-visitor.ts';
import { createWorld, type World } from '../support/world.ts';

/** What changes who may decide, or how somebody signs in, is decided by somebody else. */
let world: World;

beforeAll(async () => {
  world = await createWorld();
}, 120_000);

afterAll(() => world?.stop());

interface Stage {
  partnerId: string;
  customerId: string;
  relationshipId: string;
  partner: Cast;
  admin: Cast;
  second: Cast;
  owner: Cast;
}

async function setStage(policy: Record<string, number> = {}): Promise<Stage> {
  const partnerId = await organization(world, 'partner', { name: 'Northwind' });
  const customerId = await organization(world, 'customer', { name: 'Harbour', policy });
  const full = ['full_administrator' as const];
  return {
    partnerId,
    customerId,
    relationshipId: await relationship(world, partnerId, customerId),
    partner: await person(world, 'Partner', [
      { in: partnerId, roles: ['full_administrator', 'partner_full_administrator'] },
    ]),
    admin: await person(world, 'Admin', [{ in: customerId, roles: full }]),
    second: await person(world, 'Second', [{ in: customerId, roles: full }]),
    owner: await person(world, 'Owner', [{ in: customerId, workspaceRole: 'owner' }]),
  };
}

const reason = 'The present administrator leaves in May';
const of = (customerId: string) => `/v1/organizations/${customerId}/change-requests`;

async function propose(who: Cast, customerId: string, body: object): Promise<string> {
  const answer = await who.http.post(of(customerId), { reason, ...body });
  if (answer.status !== 201) throw new Error(`Proposing answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body.id;
}

const appoint = ({ partner, customerId }: Stage, email: string) =>
  propose(partner, customerId, { kind: 'appointment', email });

const decide = (who: Cast, id: string, verb: string, body: object = {}) =>
  who.http.post(`/v1/change-requests/${id}/${verb}`, body);

const openInvites = async ({ admin, customerId }: Stage) =>
  (await admin.http.get(`/v1/organizations/${customerId}/invites?status=pending`)).body.items as {
    email: string;
    administratorRoles: string[];
  }[];

describe('appointing a full administrator of a customer', () => {
  it('is proposed by the partner, and made when an independent administrator agrees', async () => {
    const stage = await setStage();
    const invites = `/v1/organizations/${stage.customerId}/invites`;
    const email = `own-address-${stage.partnerId}@people.example`;
    const direct = await stage.partner.http.post(invites, { email, administratorRoles: ['full_administrator'] });
    expect(direct).toMatchObject({
      status: 409,
      body: { code: 'change_request_required', proposal: { kind: 'appointment', email } },
    });

    const id = await appoint(stage, email);
    expect(await openInvites(stage)).toEqual([]);
    await world.mail.waitForMail({ to: stage.admin.email, kind: 'change-request.requested' }, 15_000);
    const agreed = await decide(stage.admin, id, 'approve');
    expect(agreed).toMatchObject({ status: 200, body: { status: 'approved', decidedBy: { displayName: 'Admin' } } });
    expect(await openInvites(stage)).toMatchObject([{ email, administratorRoles: ['full_administrator'] }]);
    for (const { email: to } of [stage.partner, stage.admin, stage.second])
      await world.mail.waitForMail({ to, kind: 'change-request.approved' }, 15_000);
  });

  it('of somebody who is a member already goes the same way', async () => {
    const stage = await setStage();
    const member = stage.owner.memberIds[stage.customerId];
    const roles = `/v1/organizations/${stage.customerId}/members/${member}/administrator-roles`;
    const direct = await stage.partner.http.put(roles, { roles: ['full_administrator'] });
    expect([direct.status, direct.body.code]).toEqual([409, 'change_request_required']);
    expect((await stage.partner.http.put(roles, { roles: ['device_administrator'] })).status).toBe(200);

    const id = await propose(stage.partner, stage.customerId, { kind: 'appointment', memberId: member });
    expect((await decide(stage.second, id, 'approve')).status).toBe(200);
    const read = await stage.admin.http.get(`/v1/organizations/${stage.customerId}/members/${member}`);
    expect(read.body.administratorRoles).toEqual(['device_administrator', 'full_administrator']);
  });

  it('is the partner’s alone to make where there is nobody yet', async () => {
    const partnerId = await organization(world, 'partner');
    const customerId = await organization(world, 'customer');
    await relationship(world, partnerId, customerId);
    const partner = await person(world, 'Partner', [{ in: partnerId, roles: ['partner_full_administrator'] }]);
    const first = await partner.http.post(`/v1/organizations/${customerId}/invites`, {
      email: `first-${customerId}@people.example`,
      administratorRoles: ['full_administrator'],
    });
    expect(first.status).toBe(201);
  });

  it('is decided by nobody of the partner, nor by who proposes it, nor by a key', async () => {
    const stage = await setStage();
    const both = await person(world, 'Both', [
      { in: stage.customerId, roles: ['full_administrator'] },
      { in: stage.partnerId },
    ]);
    const id = await appoint(stage, `somebody-${stage.customerId}@people.example`);
    expect((await decide(stage.partner, id, 'approve')).body.code).toBe('approver_is_requester');
    expect((await decide(both, id, 'approve')).body.code).toBe('approver_in_requesting_partner');
    expect((await decide(both, id, 'deny')).body.code).toBe('approver_in_requesting_partner');
    expect((await decide(stage.owner, id, 'approve')).status).toBe(404);
    expect(await openInvites(stage)).toEqual([]);
    const refused = await world.database.transaction(asSystem, (em) =>
      em.find(AuditEvent, { action: 'change-request.approved', outcome: 'refused' }),
    );
    expect(refused.filter(({ subject }) => subject.id === id)).toHaveLength(3);
  });

  it('ends with the relationship: nothing is left to agree to', async () => {
    const stage = await setStage();
    const id = await appoint(stage, `late-${stage.customerId}@people.example`);
    const path = `/v1/organizations/${stage.customerId}/relationships/${stage.relationshipId}`;
    expect((await stage.admin.http.delete(path)).status).toBe(204);
    const read = await stage.admin.http.get(`/v1/change-requests/${id}`);
    expect(read.body).toMatchObject({ status: 'cancelled', decisionReason: 'relationship_ended' });
    expect((await decide(stage.second, id, 'approve')).body.code).toBe('request_not_pending');
  });

  it('is nothing to another tenant', async () => {
    const stage = await setStage();
    const id = await appoint(stage, `hidden-${stage.customerId}@people.example`);
    const other = await setStage();
    for (const who of [other.admin, other.partner]) {
      expect((await who.http.get(`/v1/change-requests/${id}`)).status).toBe(404);
      expect((await decide(who, id, 'deny')).status).toBe(404);
      expect(
        (await who.http.post(of(stage.customerId), { kind: 'appointment', email: 'a@b.example', reason })).status,
      ).toBe(404);
    }
  });
});

describe('sign-in of a customer', () => {
  it('is proposed by the partner while restricted mode is on, and its secret is never told', async () => {
    const stage = await setStage();
    const path = `/v1/organizations/${stage.customerId}`;
    const sso = {
      issuer: 'https://idp.example',
      clientId: 'countersign',
      clientSecret: 'a secret between two servers',
    };
    const direct = await stage.partner.http.patch(path, { domains: ['harbour.example'] });
    expect([direct.status, direct.body.code]).toEqual([409, 'change_request_required']);

    const id = await propose(stage.partner, stage.customerId, {
      kind: 'authentication',
      sso,
      domains: ['harbour.example'],
    });
    const read = await stage.admin.http.get(`/v1/change-requests/${id}`);
    expect(JSON.stringify(read.body)).not.toContain(sso.clientSecret);
    const before = await stage.admin.http.get(path);
    expect(before.body).toMatchObject({ sso: null, domains: [] });
    expect((await decide(stage.admin, id, 'approve')).status).toBe(200);
    const after = await stage.admin.http.get(path);
    expect(after.body).toMatchObject({ sso: { issuer: sso.issuer }, domains: ['harbour.example'] });
    // Everybody who could decide was asked before, and is told what holds now.
    for (const { email: to } of [stage.admin, stage.second]) {
      await world.mail.waitForMail({ to, kind: 'change-request.requested' }, 15_000);
      await world.mail.waitForMail({ to, kind: 'change-request.approved' }, 15_000);
    }
  });

  it('is proposed by people in a session, while it is the partner’s, and nobody is shut out by it', async () => {
    const stage = await setStage();
    const { partnerId, customerId, partner, admin } = stage;
    const body = { kind: 'authentication', domains: ['harbour.example'], reason };
    const key = await service(world, partnerId, ['partner_full_administrator']);
    expect((await key.post(of(customerId), body)).body.code).toBe('person_required');
    const noWayIn = await partner.http.post(of(customerId), { ...body, loginMethods: ['sso'] });
    expect([noWayIn.status, noWayIn.body.code]).toEqual([400, 'invalid_request']);
    // Passwords go once somebody of the tenant's own has come in by the provider, whoever agrees.
    const sso = { issuer: 'https://idp.example', clientId: 'countersign', clientSecret: 'between two servers' };
    const id = await propose(partner, customerId, { kind: 'authentication', sso, loginMethods: ['sso'] });
    expect((await decide(admin, id, 'approve')).body.code).toBe('provider_untested');
    expect((await decide(admin, id, 'deny')).status).toBe(200);
    const foreign = await partner.http.patch(`/v1/organizations/${customerId}`, { foreignSignIn: true });
    expect(foreign.body.code).toBe('authentication_is_the_tenants_own');

    const restricted = `/v1/organizations/${customerId}/restricted-mode`;
    expect((await partner.http.put(restricted, { enabled: false })).status).toBe(200);
    expect((await partner.http.post(of(customerId), body)).body.code).toBe('may_not_change_login_methods');
  });
});

describe('weaker terms', () => {
  const weaker = { elevationMaxSeconds: 7200 };
  const stored = (id: string) =>
    world.database.transaction(asSystem, async (em) => (await em.findOneOrFail(Organization, { id })).policy);

  it('need a second administrator; stronger ones hold at once', async () => {
    const { customerId, admin, second } = await setStage();
    const path = `/v1/organizations/${customerId}`;
    const direct = await admin.http.patch(path, { policy: weaker });
    expect(direct).toMatchObject({
      status: 409,
      body: { code: 'change_request_required', proposal: { policy: weaker } },
    });
    expect(await stored(customerId)).toEqual({});
    expect((await admin.http.patch(path, { policy: { elevationMaxSeconds: 1800 } })).status).toBe(200);
    const none = await admin.http.post(of(customerId), {
      kind: 'policy',
      policy: { elevationMaxSeconds: 900 },
      reason,
    });
    expect([none.status, none.body.code]).toEqual([409, 'change_needs_no_approval']);

    const id = await propose(admin, customerId, { kind: 'policy', policy: weaker });
    expect((await decide(admin, id, 'approve')).body.code).toBe('approver_is_requester');
    expect((await decide(second, id, 'approve')).status).toBe(200);
    expect(await stored(customerId)).toEqual(weaker);
  });

  it('are foreign sign-in, too: turned off at once, and on again by agreement', async () => {
    const { customerId, owner, second } = await setStage();
    const path = `/v1/organizations/${customerId}`;
    expect((await owner.http.patch(path, { foreignSignIn: false })).status).toBe(200);
    expect(await owner.http.patch(path, { foreignSignIn: true })).toMatchObject({
      status: 409,
      body: { code: 'change_request_required', proposal: { kind: 'policy', foreignSignIn: true } },
    });
    const id = await propose(owner, customerId, { kind: 'policy', foreignSignIn: true });
    expect((await owner.http.get(path)).body.foreignSignIn).toBe(false);
    expect((await decide(second, id, 'approve')).status).toBe(200);
    expect((await owner.http.get(path)).body.foreignSignIn).toBe(true);
  });

  it('are set by who is alone: nobody else could ever agree', async () => {
    const customerId = await organization(world, 'customer');
    const alone = await person(world, 'Alone', [{ in: customerId, roles: ['full_administrator'] }]);
    expect((await alone.http.patch(`/v1/organizations/${customerId}`, { policy: weaker })).status).toBe(200);
    const proposed = await alone.http.post(of(customerId), {
      kind: 'policy',
      policy: { elevationMaxSeconds: 9000 },
      reason,
    });
    expect([proposed.status, proposed.body.code]).toEqual([409, 'no_eligible_approver']);
  });
});

describe('a proposal', () => {
  it('is decided once, whoever comes first: agreeing, denying, withdrawing and the clock', async () => {
    const stage = await setStage();
    for (let round = 0; round < 8; round += 1) {
      const id = await appoint(stage, `race-${round}-${stage.customerId}@people.example`);
      await world.database.transaction(asSystem, (em) =>
        em.nativeUpdate(ChangeRequest, { id }, round % 2 ? { decideBy: new Date(Date.now() + 60) } : {}),
      );
      const before = (await openInvites(stage)).length;
      await Promise.allSettled([
        decide(stage.admin, id, 'approve'),
        decide(stage.second, id, 'deny'),
        decide(stage.partner, id, 'cancel'),
        world.decisions.decide(theClock(), (decision) => expireRequest(decision, changeRequestFlow, id)),
      ]);
      const { body } = await stage.admin.http.get(`/v1/change-requests/${id}`);
      expect(['approved', 'denied', 'cancelled', 'expired']).toContain(body.status);
      expect((await openInvites(stage)).length - before).toBe(body.status === 'approved' ? 1 : 0);
      const events = await world.database.transaction(asSystem, (em) =>
        em.find(AuditEvent, { outcome: 'success', action: { $like: 'change-request.%' } }),
      );
      const decided = events.filter(({ subject, action }) => subject.id === id && !/requested|seen/.test(action));
      expect(decided.length).toBeLessThanOrEqual(1);
    }
  });

  it('is one at a time for the same person, and one answer for the same key', async () => {
    const stage = await setStage();
    const body = { kind: 'appointment', email: `twice-${stage.customerId}@people.example`, reason };
    const key = { 'idempotency-key': `key-${stage.customerId}` };
    const first = await stage.partner.http.post(of(stage.customerId), body, key);
    const again = await stage.partner.http.post(of(stage.customerId), body, key);
    expect([first.status, again.body.id]).toEqual([201, first.body.id]);
    const second = await stage.partner.http.post(of(stage.customerId), body);
    expect([second.status, second.body.code]).toEqual([409, 'change_request_already_open']);
  });

  it('is denied on its page, as unexpected, and both sides are told', async () => {
    const stage = await setStage();
    const id = await appoint(stage, `page-${stage.customerId}@people.example`);
    const visitor = new ConsoleVisitor(stage.admin.http);
    const start = (await visitor.open('/')).html;
    expect(start).toContain(`/change-requests/${id}`);
    expect(start).toMatch(/Partner<\/bdi> of <bdi>Northwind[^]*proposes a change to <bdi>Harbour/);
    const access = (await visitor.open(`/organizations/${stage.customerId}/access`)).html;
    expect(access).toContain(`/change-requests/${id}`);
    const page = `/change-requests/${id}`;
    expect((await visitor.open(page)).html).toContain('becomes Full administrator');
    const sent = await visitor.send(page, `${page}/deny`, { unexpected: 'yes' });
    expect(sent).toMatchObject({ status: 303, location: `${page}?notice=change-denied` });
    await world.mail.waitForMail({ to: stage.partner.email, kind: 'change-request.unexpected' }, 15_000);
    expect((await new ConsoleVisitor(stage.owner.http).open(page)).status).toBe(404);
  });
});
