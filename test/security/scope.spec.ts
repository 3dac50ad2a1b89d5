import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asSystem, Group, Membership, type MembershipScope } from '#persistence';
import { organization, person, type Cast } from '../support/cast.ts';
import { createWorld, type World } from '../support/world.ts';

/** Domain 1: whoever works for a group does what they may there, and nothing for the tenant. */
let world: World;
let customerId: string;
let owner: Cast;
/** Full access to the group Stockholm, which is all that it is called. */
let stella: Cast;
/** Of the same group. */
let sven: Cast;
/** Of the group Bergen. */
let bert: Cast;
let stockholm: MembershipScope;
let bergen: MembershipScope;

beforeAll(async () => {
  world = await createWorld({ worker: false });
  customerId = await organization(world, 'customer');
  owner = await person(world, 'Owner', [{ in: customerId, roles: ['full_administrator'], workspaceRole: 'owner' }]);
  [stockholm, bergen] = await world.database.transaction(asSystem, async (em) => {
    const groups = ['Stockholm', 'Bergen'].map((name) =>
      em.create(Group, { organizationId: customerId, kind: 'group', name }),
    );
    await em.flush();
    return groups.map(({ id }): MembershipScope => ({ kind: 'groups', groupIds: [id], teamIds: [] })) as [
      MembershipScope,
      MembershipScope,
    ];
  });
  stella = await scoped('Stella', stockholm, 'full_access');
  sven = await scoped('Sven', stockholm, 'read_only');
  bert = await scoped('Bert', bergen, 'read_only');
}, 180_000);

afterAll(() => world?.stop());

async function scoped(name: string, scope: MembershipScope, workspaceRole: 'full_access' | 'read_only'): Promise<Cast> {
  const one = await person(world, name, [{ in: customerId, workspaceRole }]);
  await world.database.transaction(asSystem, (em) =>
    em.nativeUpdate(Membership, { id: one.memberIds[customerId] as string }, { scope }),
  );
  return one;
}

const inside = () => `/v1/organizations/${customerId}`;
const member = (one: Cast) => `${inside()}/members/${one.memberIds[customerId]}`;
let counter = 0;
const invite = (by: Cast, scope?: MembershipScope) =>
  by.http.post(`${inside()}/invites`, {
    email: `somebody-${(counter += 1)}@elsewhere.example`,
    workspaceRole: 'read_only',
    ...(scope && { scope }),
  });

describe('a member who is limited to a group', () => {
  it('invites into it, and neither for the tenant nor for another group', async () => {
    expect((await invite(stella, stockholm)).status).toBe(201);
    const both = {
      ...stockholm,
      groupIds: [stockholm, bergen].flatMap((one) => (one.kind === 'groups' ? one.groupIds : [])),
    };
    for (const scope of [undefined, { kind: 'client' as const }, bergen, both as MembershipScope])
      expect(await invite(stella, scope)).toMatchObject({ status: 403, body: { code: 'may_not_invite_users' } });
    const trail = await owner.http.get(`${inside()}/audit-events?outcome=refused&actorId=${stella.accountId}`);
    expect(trail.body.items).toHaveLength(4);
  });

  it('changes roles of its people alone, and lifts nobody out of it, oneself least', async () => {
    expect((await stella.http.patch(member(sven), { workspaceRole: 'limited_access' })).status).toBe(200);
    expect(
      await stella.http.patch(member(sven), { workspaceRole: 'full_access', scope: { kind: 'client' } }),
    ).toMatchObject({ status: 403, body: { code: 'may_not_change_roles' } });
    expect((await stella.http.patch(member(sven), { scope: { kind: 'client' } })).status).toBe(403);
    expect((await stella.http.patch(member(sven), { scope: bergen })).status).toBe(403);
    expect((await stella.http.patch(member(stella), { scope: { kind: 'client' } })).body.code).toBe('own_role');
    for (const other of [bert, owner]) {
      expect((await stella.http.patch(member(other), { workspaceRole: 'restricted' })).status).toBe(404);
      expect((await stella.http.delete(member(other))).status).toBe(404);
      expect((await stella.http.delete(`${member(other)}/sessions`)).status).toBe(404);
    }
    expect((await owner.http.get(member(bert))).body.workspaceRole).toBe('read_only');
  });

  it('sees its people, invites and groups, and no others', async () => {
    const members = await stella.http.get(`${inside()}/members`);
    const idsOf = (people: Cast[]) => people.map((one) => String(one.memberIds[customerId])).sort();
    expect(members.body.items.map(({ id }: { id: string }) => id).sort()).toEqual(idsOf([stella, sven]));
    expect((await stella.http.get(member(sven))).status).toBe(200);
    expect((await stella.http.get(member(bert))).status).toBe(404);
    const foreign = await invite(owner, bergen);
    const own = await invite(owner, stockholm);
    expect((await stella.http.get(`${inside()}/invites/${foreign.body.id}`)).status).toBe(404);
    expect((await stella.http.get(`${inside()}/invites/${own.body.id}`)).status).toBe(200);
    const invites = await stella.http.get(`${inside()}/invites?limit=100`);
    const ids = invites.body.items.map(({ id }: { id: string }) => id);
    expect([ids.includes(own.body.id), ids.includes(foreign.body.id)]).toEqual([true, false]);
    const groups = await stella.http.get(`${inside()}/groups`);
    expect(groups.body.items.map(({ name }: { name: string }) => name)).toEqual(['Stockholm']);
    for (const verb of ['resend', 'cancel'])
      expect((await stella.http.post(`${inside()}/invites/${foreign.body.id}/${verb}`)).status).toBe(404);
    expect((await owner.http.get(`${inside()}/invites/${foreign.body.id}`)).body.status).toBe('pending');
  });

  it('is told so by evaluation: yes there, no for the tenant', async () => {
    const ask = (more: object) =>
      stella.http.post('/access/v1/evaluation', {
        subject: { type: 'account', id: stella.accountId },
        action: { name: 'use' },
        resource: {
          type: 'setting',
          id: 'workspace.invite_users',
          properties: { organizationId: customerId, ...more },
        },
      });
    const idOf = (scope: MembershipScope) => (scope.kind === 'groups' ? scope.groupIds[0] : undefined);
    expect((await ask({})).body).toMatchObject({
      decision: false,
      context: { reasons: [{ kind: 'denial', id: 'outside_scope' }] },
    });
    expect((await ask({ groupId: idOf(stockholm) })).body.decision).toBe(true);
    expect((await ask({ groupId: idOf(bergen) })).body.decision).toBe(false);
    expect((await ask({ teamId: idOf(stockholm) })).body.decision).toBe(false);
  });

  it('is found by a search for their group and by no other, and searches nobody else', async () => {
    const idOf = (scope: MembershipScope) => (scope.kind === 'groups' ? scope.groupIds[0] : undefined);
    const who = async (by: Cast, more: object) => {
      const found = await by.http.post('/access/v1/search/subject', {
        subject: { type: 'account' },
        action: { name: 'use' },
        resource: {
          type: 'setting',
          id: 'workspace.invite_users',
          properties: { organizationId: customerId, ...more },
        },
      });
      return found.body.results.map(({ id }: { id: string }) => id).sort();
    };
    const both = [owner.accountId, stella.accountId].sort();
    expect(await who(owner, {})).toEqual([owner.accountId]);
    expect(await who(owner, { groupId: idOf(stockholm) })).toEqual(both);
    expect(await who(owner, { groupId: idOf(bergen) })).toEqual([owner.accountId]);
    expect(await who(stella, { groupId: idOf(stockholm) })).toEqual([]);

    const settingsOf = async (more: object) => {
      const found = await stella.http.post('/access/v1/search/resource', {
        subject: { type: 'account', id: stella.accountId },
        action: { name: 'use' },
        resource: { type: 'setting', properties: { organizationId: customerId, ...more } },
      });
      return found.body.results.map(({ id }: { id: string }) => id);
    };
    expect(await settingsOf({})).not.toContain('workspace.invite_users');
    expect(await settingsOf({ groupId: idOf(stockholm) })).toContain('workspace.invite_users');
    expect(await settingsOf({ teamId: idOf(stockholm) })).not.toContain('workspace.invite_users');
  });

  it('makes no key, which would be for the whole tenant', async () => {
    expect(
      await stella.http.post(`${inside()}/api-keys`, { name: 'Way out', workspaceRole: 'full_access' }),
    ).toMatchObject({ status: 403, body: { code: 'may_not_manage_api_keys' } });
  });

  it('manages no invite that it could not make today', async () => {
    const open = await invite(stella, stockholm);
    await world.database.transaction(asSystem, (em) =>
      em.nativeUpdate(Membership, { id: stella.memberIds[customerId] as string }, { scope: bergen }),
    );
    expect((await stella.http.post(`${inside()}/invites/${open.body.id}/resend`)).status).toBe(404);
    await world.database.transaction(asSystem, (em) =>
      em.nativeUpdate(Membership, { id: stella.memberIds[customerId] as string }, { scope: stockholm }),
    );
  });
});
