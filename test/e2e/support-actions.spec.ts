import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { signingKeyFrom, verifyExport } from '#audit';
import { asSystem, AuthenticatorApp, Organization, Session, SupportAction } from '#persistence';
import type { HttpClient } from '../support/http-client.ts';
import {
  acceptInvite,
  addMember,
  createCustomer,
  createPartner,
  type OrganizationWithFirst,
} from '../support/people.ts';
import { eventually } from '../support/eventually.ts';
import { supportTeam, type SupportTeam } from '../support/support-team.ts';
import { createWorld, type World } from '../support/world.ts';

/** Domain 8: what changes who may decide, two named people of the support team do together. */
let world: World;
/** The bootstrap token, as somebody has it who should not. */
let token: HttpClient;
let team: SupportTeam;
let partner: OrganizationWithFirst;
let customer: OrganizationWithFirst;
let rival: OrganizationWithFirst;

beforeAll(async () => {
  world = await createWorld();
  token = world.support;
  team = await supportTeam(world);
  partner = await createPartner(world);
  customer = await createCustomer(world, partner);
  rival = await createPartner(world, 'Southwind');
}, 180_000);

afterAll(() => world?.stop());

const path = '/v1/support-actions';
const attachRival = () => ({
  kind: 'relationship.create' as const,
  organizationId: customer.id,
  partnerId: rival.id,
});
const propose = () => team.first.http.post(path, { act: attachRival(), reason: 'They asked for it' });
const relationships = async () =>
  (await customer.first.http.get(`/v1/organizations/${customer.id}/relationships`)).body.items;

describe('attaching a partner to a customer', () => {
  it('is not done by the bootstrap token, by one person twice, nor by anybody else', async () => {
    for (const http of [token, partner.first.http, customer.first.http, rival.first.http]) {
      const isToken = http === token;
      expect((await http.post(path, { act: attachRival(), reason: 'Mine' })).status).toBe(isToken ? 401 : 403);
      expect((await http.get(path)).status).toBe(isToken ? 401 : 404);
    }
    const proposed = await propose();
    expect(proposed).toMatchObject({
      status: 201,
      body: { status: 'pending', proposedBy: { id: team.first.accountId } },
    });
    const confirm = `${path}/${proposed.body.id}/confirm`;
    expect(await team.first.http.post(confirm)).toMatchObject({
      status: 403,
      body: { code: 'second_person_required' },
    });
    expect((await token.post(confirm)).status).toBe(401);
    expect(await customer.first.http.post(confirm)).toMatchObject({ status: 403, body: { code: 'support_only' } });
    expect(await relationships()).toHaveLength(1);
    expect((await team.second.http.post(`${path}/${proposed.body.id}/cancel`)).body.status).toBe('cancelled');
    expect(await team.second.http.post(confirm)).toMatchObject({ status: 409, body: { code: 'request_not_pending' } });
  });

  it('is done by the second person, once, and the customer hears of both steps', async () => {
    const proposed = await propose();
    const told = await world.mail.waitForMail({ to: customer.first.email, kind: 'support-action.proposed' }, 15_000);
    expect(told.text).toContain('bring in the partner Southwind');
    expect(told.text).toContain('They asked for it');
    const confirm = () => team.second.http.post(`${path}/${proposed.body.id}/confirm`);
    const [one, other] = await Promise.all([confirm(), confirm()]);
    expect([one?.status, other?.status]).toEqual([200, 200]);
    expect(await relationships()).toHaveLength(2);
    await world.mail.waitForMail({ to: customer.first.email, kind: 'support-action.confirmed' }, 15_000);
    const trail = await customer.first.http.get(
      `/v1/organizations/${customer.id}/audit-events?action=support-action.confirmed`,
    );
    expect(trail.body.items).toMatchObject([{ actor: { id: team.second.accountId }, reason: 'They asked for it' }]);
  });

  it('is not done after the hour, and leaves nothing where the act itself is refused', async () => {
    const proposed = await propose();
    const confirm = () => team.second.http.post(`${path}/${proposed.body.id}/confirm`);
    expect(await confirm()).toMatchObject({ status: 409, body: { code: 'relationship_exists' } });
    await world.database.transaction(asSystem, (em) =>
      em.nativeUpdate(SupportAction, { id: proposed.body.id }, { decideBy: new Date(Date.now() - 1000) }),
    );
    expect(await confirm()).toMatchObject({ status: 409, body: { state: { status: 'expired' } } });
    expect((await team.first.http.get(`${path}?status=expired`)).body.items).toMatchObject([{ id: proposed.body.id }]);
  });
});

describe('a person of the support team', () => {
  it('neither proposes nor confirms by a password alone, or by a second factor of this morning', async () => {
    const proposed = await propose();
    const confirm = () => team.second.http.post(`${path}/${proposed.body.id}/confirm`);
    const factorOf = (one: { accountId: string }, secondFactorAt: Date | null) =>
      world.database.transaction(asSystem, (em) =>
        em.nativeUpdate(Session, { accountId: one.accountId }, { secondFactorAt }),
      );
    const needed = { status: 403, body: { code: 'step_up_required', needed: 'second_factor' } };
    for (const at of [null, new Date(Date.now() - 3600_000)]) {
      await factorOf(team.second, at);
      expect(await confirm()).toMatchObject(needed);
      await factorOf(team.first, at);
      expect(await propose()).toMatchObject(needed);
    }
    // To say no takes no fresh one.
    expect((await team.second.http.post(`${path}/${proposed.body.id}/cancel`)).body.status).toBe('cancelled');
    for (const one of [team.first, team.second]) await factorOf(one, new Date());
  });

  it('is nobody of it by a password alone, nor by a provider that names no second factor or once the factor was removed', async () => {
    const { http, accountId } = team.second;
    const change = (values: Partial<Session>) =>
      world.database.transaction(asSystem, (em) => em.nativeUpdate(Session, { accountId }, values));
    const listed = async () => (await http.get('/v1/organizations')).body.items.length;
    const all = await listed();
    expect(all).toBeGreaterThan(2);
    const platform = await world.database.transaction(asSystem, async (em) => {
      const found = await em.findOneOrFail(Organization, { kind: 'platform' });
      return found.id;
    });
    const isShutOut = async () => {
      expect((await http.get('/v1/me')).body.support).toBe(false);
      expect(await listed()).toBe(0);
      expect((await http.get(`/v1/organizations/${customer.id}`)).status).toBe(404);
      expect((await http.get(path)).status).toBe(404);
      const needed = { status: 403, body: { code: 'step_up_required', needed: 'second_factor' } };
      expect(await http.post(path, { act: attachRival(), reason: 'Mine' })).toMatchObject(needed);
      expect(await http.get(`/v1/organizations/${platform}/members`)).toMatchObject(needed);
    };
    await change({ secondFactorAt: null });
    await isShutOut();

    await change({ method: 'sso', organizationId: platform });
    await isShutOut();
    await change({ method: 'password', organizationId: null, secondFactorAt: new Date() });

    // An old proof reads, as before; the last factor taken away takes it along.
    await world.database.transaction(asSystem, async (em) => {
      em.create(AuthenticatorApp, { accountId, sealedSecret: 'none', confirmedAt: new Date() });
      await em.flush();
    });
    expect(await listed()).toBe(all);
    expect((await http.delete('/v1/me/authenticator-app')).status).toBe(204);
    await isShutOut();
    await change({ secondFactorAt: new Date() });
    expect(await listed()).toBe(all);
  });
});

describe('the bootstrap token', () => {
  it('takes in the first two people of support, and nobody after them', async () => {
    const fresh = await createWorld();
    try {
      const platform = await fresh.database.transaction(asSystem, (em) =>
        em.findOneOrFail(Organization, { kind: 'platform' }),
      );
      const invites = `/v1/organizations/${platform.id}/invites`;
      for (const [email, name] of [
        ['ada@support.example', 'Ada'],
        ['bela@support.example', 'Bela'],
      ] as const) {
        const invited = await fresh.support.post(invites, { email, displayName: name, workspaceRole: 'full_access' });
        expect(invited.status).toBe(201);
        await acceptInvite(fresh, email, name, platform.id);
      }
      for (const [method, url, body] of [
        ['POST', invites, { email: 'eve@support.example', workspaceRole: 'full_access' }],
        ['GET', '/v1/organizations', undefined],
        ['POST', '/v1/organizations', {}],
        ['DELETE', `/v1/accounts/${team.first.accountId}`, { reason: 'Mine' }],
      ] as const)
        expect((await fresh.support.request(method, url, body)).status).toBe(401);
    } finally {
      await fresh.stop();
    }
  }, 60_000);

  it('lets nobody in once it is switched off', async () => {
    const later = await createWorld({ worker: false, environment: { SUPPORT_TOKEN: 'off' } });
    try {
      expect((await later.support.get('/v1/organizations')).status).toBe(401);
      expect((await later.support.post('/v1/organizations', {})).status).toBe(401);
    } finally {
      await later.stop();
    }
  });
});

describe('overriding a role', () => {
  it('of an Owner is refused to one person, and done by two', async () => {
    const own = await createCustomer(world, partner, 'Quarry');
    const second = await addMember(world, own);
    const member = `/v1/organizations/${own.id}/members/${second.memberId}`;
    expect((await own.first.http.patch(member, { workspaceRole: 'owner' })).status).toBe(200);
    const demotion = { workspaceRole: 'read_only', reason: 'They asked' };
    const two = { status: 403, body: { code: 'two_people_required' } };
    expect(await team.first.http.patch(member, demotion)).toMatchObject(two);
    expect((await token.patch(member, demotion)).status).toBe(401);
    const act = {
      kind: 'membership.change-workspace-role' as const,
      organizationId: own.id,
      memberId: second.memberId,
      workspaceRole: 'read_only' as const,
    };
    expect((await team.together(act)).status).toBe(200);
    expect((await own.first.http.get(member)).body.workspaceRole).toBe('read_only');
  });

  it('or by removing the whole account is refused to one, and done by two', async () => {
    const own = await createCustomer(world, partner, 'Mill');
    const second = await addMember(world, own, { administratorRoles: ['full_administrator'] });
    const account = `/v1/accounts/${second.accountId}`;
    expect(await team.first.http.request('DELETE', account, { reason: 'They asked' })).toMatchObject({
      status: 403,
      body: { code: 'two_people_required' },
    });
    const act = { kind: 'account.remove' as const, organizationId: own.id, accountId: second.accountId };
    expect((await team.together({ ...act, organizationId: customer.id })).status).toBe(404);
    expect((await team.together(act)).status).toBe(200);
    expect((await second.http.get('/v1/me')).status).toBe(401);
    // Somebody who decides nothing is removed by one.
    const plain = await addMember(world, own);
    const removed = await team.first.http.request('DELETE', `/v1/accounts/${plain.accountId}`, { reason: 'Asked' });
    expect(removed.status).toBe(204);
  });
});

describe('forgetting somebody who left', () => {
  it('is done by two people of support: names and words go from the trail, and all that was exported still verifies', async () => {
    const own = await createCustomer(world, partner, 'Lantern');
    const person = await addMember(world, own);
    await person.http.post(`/v1/organizations/${own.id}/invites`, {
      email: 'no@right.example',
      workspaceRole: 'owner',
    });
    const act = {
      kind: 'audit.erase-personal-data' as const,
      organizationId: own.id,
      accountId: person.accountId,
    };
    const trail = async (): Promise<string[]> => {
      const exportPath = `/v1/organizations/${own.id}/audit-events/export`;
      return (await own.first.http.get(exportPath)).body.split('\n').filter(Boolean);
    };
    const trusted = { publicKey: signingKeyFrom(world.config.signingKey).publicKey };

    // What a present member did stays with their name, whoever asks; so does a stranger's, who is none of the organization's.
    expect(await team.together(act)).toMatchObject({ status: 409, body: { code: 'still_member' } });
    expect((await team.together({ ...act, accountId: rival.first.accountId })).status).toBe(404);
    expect((await own.first.http.delete(`/v1/organizations/${own.id}/members/${person.memberId}`)).status).toBe(204);
    const older = await eventually(async () => {
      const lines = await trail();
      expect(lines.join()).toContain('membership.removed');
      expect(await verifyExport(lines, trusted)).toMatchObject({ valid: true });
      return lines;
    }, 15_000);
    expect(older.join()).toContain(person.displayName);

    for (const http of [token, own.first.http, person.http]) {
      expect((await http.post(path, { act, reason: 'Forget me' })).status).not.toBe(201);
    }
    const proposed = await team.first.http.post(path, { act, reason: 'Asked for in writing' });
    const told = await world.mail.waitForMail({ to: own.first.email, kind: 'support-action.proposed' }, 15_000);
    expect(told.text).toContain(person.displayName);
    const confirm = `${path}/${proposed.body.id}/confirm`;
    expect(await team.first.http.post(confirm)).toMatchObject({ body: { code: 'second_person_required' } });
    expect((await trail()).join()).toContain(person.displayName);
    expect((await team.second.http.post(confirm)).status).toBe(200);

    const newer = await eventually(async () => {
      const lines = await trail();
      expect(lines.join()).toContain('audit.personal-data-erased');
      expect(await verifyExport(lines, { ...trusted, against: { lines: older } })).toMatchObject({ valid: true });
      return lines;
    }, 15_000);
    expect(newer.join()).not.toContain(person.displayName);
    expect(newer.join()).toContain(person.accountId);
    const erased = newer.map((line) => JSON.parse(line)).find(({ action }) => action === 'audit.personal-data-erased');
    expect(erased).toMatchObject({
      actor: { kind: 'account', id: team.second.accountId },
      subject: { id: person.accountId },
      facts: { events: expect.any(Number) },
    });
  });
});
