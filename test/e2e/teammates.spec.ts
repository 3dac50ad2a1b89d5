import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { workspacePermissions, workspaceRoles, type WorkspaceRole } from '#access';
import type { Answer } from '../support/http-client.ts';
import {
  acceptInvite,
  addMember,
  createCustomer,
  createPartner,
  inviteTokenFor,
  setAdministratorRoles,
  type OrganizationWithFirst,
  type Person,
} from '../support/people.ts';
import { supportTeam } from '../support/support-team.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let partner: OrganizationWithFirst;
let customer: OrganizationWithFirst;
/** One teammate of each role; the Owner is the first person of the customer. */
const team = {} as Record<WorkspaceRole, Person>;
let counter = 0;

beforeAll(async () => {
  world = await createWorld();
  partner = await createPartner(world);
  customer = await createCustomer(world, partner);
  team.owner = customer.first;
  for (const role of workspaceRoles.filter((one) => one !== 'owner'))
    team[role] = await addMember(world, customer, { workspaceRole: role });
}, 120_000);

afterAll(() => world?.stop());

const pathOf = (person: Person) => `/v1/organizations/${person.organizationId}/members/${person.memberId}`;
const change = (by: Person, of: Person, body: unknown): Promise<Answer> => by.http.patch(pathOf(of), body);
const remove = (by: Pick<Person, 'http'>, of: Person, body?: unknown) => by.http.request('DELETE', pathOf(of), body);
const newTeammate = (workspaceRole: WorkspaceRole = 'read_only') => addMember(world, customer, { workspaceRole });
const newCustomer = () => createCustomer(world, partner, 'Quay');

async function mayUse(person: Person, permission: string, organizationId = person.organizationId): Promise<boolean> {
  const answer = await person.http.post('/access/v1/evaluation', {
    subject: { type: 'account', id: person.accountId },
    action: { name: 'use' },
    resource: { type: 'setting', id: permission, properties: { organizationId } },
  });
  return answer.body.decision;
}

describe('what a workspace role allows', () => {
  // Domain 2, row by row: Owner, Full access, Limited access, Read-only, Restricted; x = yes.
  const table = `
    workspace.read                x x x x .
    workspace.change              x x x . .
    workspace.invite_users        x x . . .
    workspace.change_roles        x x . . .
    workspace.give_owner          x . . . .
    workspace.delete_services     x x . . .
    workspace.assign_bot_builder  x x . . .
    workspace.export_logs         x . . . .
    workspace.audit_trail         x . . . .
    workspace.add_groups          x . . . .
    workspace.sso                 x . . . .
    workspace.tenant_settings     x . . . .
    workspace.profile_key         x . . . .
    workspace.decrypt_access      x . . . .
    workspace.decrypt_logs        x . . . .`;
  const rows = table
    .trim()
    .split('\n')
    .map((line) => {
      const [permission = '', ...marks] = line.trim().split(/\s+/);
      return { permission, roles: workspaceRoles.filter((_, column) => marks[column] === 'x') };
    });

  it.each(rows)('$permission: $roles', async ({ permission, roles }) => {
    const holders = [];
    for (const role of workspaceRoles) if (await mayUse(team[role], permission)) holders.push(role);
    expect(holders).toEqual(roles);
  });

  it('is asked for every permission there is', () => {
    expect(rows.map(({ permission }) => permission).toSorted()).toEqual([...workspacePermissions].toSorted());
  });

  // The same rows where there is something to do through the API; the code is that of the refusal.
  const acts: { act: string; roles: WorkspaceRole[]; try: (by: Person) => Promise<Answer> }[] = [
    {
      act: 'inviting',
      roles: ['owner', 'full_access'],
      try: (by) => invite(by, { workspaceRole: 'limited_access' }),
    },
    { act: 'inviting an Owner', roles: ['owner'], try: (by) => invite(by, { workspaceRole: 'owner' }) },
    {
      act: 'changing a role',
      roles: ['owner', 'full_access'],
      try: async (by) => change(by, await newTeammate(), { workspaceRole: 'limited_access' }),
    },
    {
      act: 'raising to Owner',
      roles: ['owner'],
      try: async (by) => change(by, await newTeammate(), { workspaceRole: 'owner' }),
    },
    {
      act: "deleting a user's role",
      roles: ['owner', 'full_access'],
      try: async (by) => by.http.delete(`${pathOf(await newTeammate())}/workspace-role`),
    },
    {
      act: 'removing a user',
      roles: ['owner', 'full_access'],
      try: async (by) => remove(by, await newTeammate()),
    },
    {
      act: 'giving Bot Builder roles',
      roles: ['owner', 'full_access'],
      try: async (by) => change(by, await newTeammate(), { appTray: { botBuilder: ['curation_console'] } }),
    },
    {
      act: 'giving app-tray applications',
      roles: ['owner', 'full_access'],
      try: async (by) =>
        change(by, await newTeammate('restricted'), { appTray: { applications: ['event-scheduler'] } }),
    },
    {
      act: 'turning decrypt access on',
      roles: ['owner'],
      try: async (by) => change(by, await newTeammate(), { decryptLogs: true, purpose: 'debugging' }),
    },
    {
      act: 'adding a group',
      roles: ['owner'],
      try: (by) => by.http.post(`/v1/organizations/${customer.id}/groups`, { name: `Group ${(counter += 1)}` }),
    },
    {
      act: 'changing how people sign in',
      roles: ['owner'],
      try: (by) => by.http.patch(`/v1/organizations/${customer.id}`, { loginMethods: ['password'] }),
    },
    {
      act: 'reading the user audit trail',
      roles: ['owner'],
      try: (by) => by.http.get(`/v1/organizations/${customer.id}/audit-events?limit=1`),
    },
    {
      act: 'reading the members',
      roles: ['owner', 'full_access', 'limited_access', 'read_only'],
      try: (by) => by.http.get(`/v1/organizations/${customer.id}/members`),
    },
  ];

  it.each(acts)('$act: $roles', async ({ roles, try: attempt }) => {
    const allowed = [];
    for (const role of workspaceRoles) {
      const { status } = await attempt(team[role]);
      if (status < 300) allowed.push(role);
      else expect(status).toBe(403);
    }
    expect(allowed).toEqual(roles);
  });

  const invite = (by: Person, more: Record<string, unknown>) =>
    by.http.post(`/v1/organizations/${customer.id}/invites`, { email: `i${(counter += 1)}@team.example`, ...more });

  it('puts refusals of privileged acts on record', async () => {
    await invite(team.limited_access, { workspaceRole: 'read_only' });
    const trail = await team.owner.http.get(
      `/v1/organizations/${customer.id}/audit-events?outcome=refused&actorId=${team.limited_access.accountId}`,
    );
    expect(trail.body.items[0]).toMatchObject({ action: 'invite.created', outcome: 'refused' });
  });
});

describe('the app tray', () => {
  it.each([
    ['owner', 'write'],
    ['full_access', 'write'],
    ['limited_access', 'write'],
    ['read_only', 'read'],
    ['restricted', 'none'],
  ] as const)('gives %s the Event Scheduler level %s by the role alone', async (role, eventScheduler) => {
    const view = await team.owner.http.get(pathOf(team[role]));
    expect(view.body.appTray).toMatchObject({ eventScheduler });
  });

  it('holds one Bot Builder role, both or none, and what is left out stays', async () => {
    const person = await newTeammate('restricted');
    await change(team.owner, person, { appTray: { applications: ['bot-builder'] } });
    const both = ['curation_console', 'one_click_testing'];
    for (const botBuilder of [both, both.slice(1), []]) {
      const changed = await change(team.full_access, person, { appTray: { botBuilder } });
      expect(changed.body.appTray).toMatchObject({ botBuilder, applications: ['bot-builder'] });
    }
    expect(await change(team.owner, person, { appTray: { botBuilder: ['emperor'] } })).toMatchObject({ status: 400 });
  });
});

const demotionOf = ({ memberId }: Person, organizationId: string) => ({
  kind: 'membership.change-workspace-role' as const,
  organizationId,
  memberId,
  workspaceRole: 'read_only' as const,
});

describe('Owners', () => {
  it('are changed by nobody in the tenant, and by support with a recorded reason', async () => {
    const second = await newTeammate();
    expect((await change(team.owner, second, { workspaceRole: 'owner' })).status).toBe(200);
    const demotion = { workspaceRole: 'read_only' };
    const fixed = { status: 403, body: { code: 'owner_role_is_fixed' } };
    expect(await change(team.owner, second, demotion)).toMatchObject(fixed);
    expect(await change(team.full_access, second, demotion)).toMatchObject(fixed);
    expect(await remove(team.owner, second)).toMatchObject(fixed);
    expect(await team.owner.http.delete(`${pathOf(second)}/workspace-role`)).toMatchObject(fixed);
    expect(await change(team.owner, team.owner, demotion)).toMatchObject({ status: 403, body: { code: 'own_role' } });

    expect(await world.support.patch(pathOf(second), demotion)).toMatchObject({
      status: 400,
      body: { code: 'reason_required' },
    });
    const reason = 'Left the board';
    expect(await world.support.patch(pathOf(second), { ...demotion, reason })).toMatchObject({
      status: 403,
      body: { code: 'two_people_required' },
    });
    expect((await (await supportTeam(world)).together(demotionOf(second, customer.id), reason)).status).toBe(200);
    const trail = await team.owner.http.get(
      `/v1/organizations/${customer.id}/audit-events?action=membership.workspace-role-changed&subjectId=${second.memberId}`,
    );
    expect(trail.body.items[0]).toMatchObject({
      reason,
      actor: { kind: 'account', by: 'support' },
      facts: { from: 'owner' },
    });
  });

  it('are for the whole tenant: a raise of somebody with groups is refused until the scope is the client', async () => {
    const group = await team.owner.http.post(`/v1/organizations/${customer.id}/groups`, { name: 'Pier' });
    expect(group.status).toBe(201);
    const person = await newTeammate();
    const scope = { kind: 'groups', groupIds: [group.body.id], teamIds: [] };
    expect(await change(team.owner, person, { scope })).toMatchObject({ status: 200, body: { scope } });
    const refused = { status: 400, body: { code: 'owner_needs_client_scope' } };
    expect(await change(team.owner, person, { workspaceRole: 'owner' })).toMatchObject(refused);
    expect(await change(team.owner, person, { workspaceRole: 'owner', scope })).toMatchObject(refused);
    const raised = await change(team.owner, person, { workspaceRole: 'owner', scope: { kind: 'client' } });
    expect(raised).toMatchObject({ status: 200, body: { workspaceRole: 'owner', scope: { kind: 'client' } } });
    expect(await change(team.owner, person, { scope })).toMatchObject(refused);
  });

  it('who were raised do not decrypt until another one turns it on; who were invited do', async () => {
    const raised = await newTeammate('full_access');
    await change(team.owner, raised, { workspaceRole: 'owner' });
    expect(await mayUse(raised, 'workspace.decrypt_logs')).toBe(false);
    expect(await mayUse(raised, 'workspace.decrypt_access')).toBe(true);
    const on = { decryptLogs: true, purpose: 'data_protection_officer' };
    expect(await change(raised, raised, on)).toMatchObject({ status: 403, body: { code: 'own_role' } });
    expect(await change(team.owner, raised, { decryptLogs: true })).toMatchObject({
      status: 400,
      body: { code: 'purpose_required' },
    });
    expect(await change(team.owner, raised, on)).toMatchObject({ status: 200, body: { decryptLogs: true } });
    expect(await mayUse(raised, 'workspace.decrypt_logs')).toBe(true);
    expect(await mayUse(team.owner, 'workspace.decrypt_logs')).toBe(true);
    const told = await world.mail.waitForMail({ to: raised.email, kind: 'membership.roles-changed' }, 15_000);
    expect(told.text).toContain('Full access');
  });

  it('are never lost, whichever way the last of them would go', async () => {
    const own = await newCustomer();
    const reason = 'Company closed';
    const last = { status: 409, body: { code: 'last_owner' } };
    // A second full administrator, so that nothing but the Owner rule stands in the way.
    const administrator = await addMember(world, own);
    expect(
      await own.first.http.put(`${pathOf(administrator)}/administrator-roles`, { roles: ['full_administrator'] }),
    ).toMatchObject({ status: 200 });
    expect(await world.support.patch(pathOf(own.first), { workspaceRole: 'read_only', reason })).toMatchObject(last);
    expect(await remove({ http: world.support }, own.first, { reason })).toMatchObject(last);
    expect(await world.support.request('DELETE', `${pathOf(own.first)}/workspace-role`, { reason })).toMatchObject(
      last,
    );
    expect(await world.support.request('DELETE', `/v1/accounts/${own.first.accountId}`, { reason })).toMatchObject(
      last,
    );

    const second = await addMember(world, own);
    expect((await change(own.first, second, { workspaceRole: 'owner' })).status).toBe(200);
    const removal = { kind: 'account.remove' as const, organizationId: own.id, accountId: own.first.accountId };
    expect((await (await supportTeam(world)).together(removal, reason)).status).toBe(200);
    expect(
      await world.visitor.post('/v1/sessions', { email: own.first.email, password: own.first.password }),
    ).toMatchObject({ status: 401 });
    expect((await own.first.http.get('/v1/me')).status).toBe(401);
    // The address is free again: the person comes back as somebody new.
    const again = await second.http.post(`/v1/organizations/${own.id}/invites`, {
      email: own.first.email,
      workspaceRole: 'read_only',
    });
    expect(again.status).toBe(201);
    expect((await second.http.get(`/v1/organizations/${own.id}/members?workspaceRole=owner`)).body.items).toHaveLength(
      1,
    );
  });

  it('stay when two of them go for each other at once, and one stays when support removes both at once', async () => {
    const own = await newCustomer();
    const second = await addMember(world, own);
    await change(own.first, second, { workspaceRole: 'owner' });
    await setAdministratorRoles(own, second, ['full_administrator']).catch(() => {});
    await Promise.all([remove(own.first, second), remove(second, own.first)]);
    const owners = () => second.http.get(`/v1/organizations/${own.id}/members?workspaceRole=owner`);
    expect((await owners()).body.items).toHaveLength(2);

    const support = await supportTeam(world);
    const demote = (person: Person) => support.together(demotionOf(person, own.id), 'Merger');
    const answers = await Promise.all([demote(own.first), demote(second)]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 409]));
    expect((await owners()).body.items).toHaveLength(1);
  });
});

describe('full administrators', () => {
  it('who remove each other at once leave one', async () => {
    const first = await addMember(world, partner, { administratorRoles: ['full_administrator'] });
    const second = await addMember(world, partner, { administratorRoles: ['full_administrator'] });
    // The Owner of the partner steps back, so that the two are the only ones.
    const stepBack = await first.http.put(`${pathOf(partner.first)}/administrator-roles`, {
      roles: ['partner_full_administrator'],
    });
    expect(stepBack.status).toBe(200);
    const answers = await Promise.all([remove(first, second), remove(second, first)]);
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    const left = await partner.first.http.get(
      `/v1/organizations/${partner.id}/members?administratorRole=full_administrator`,
    );
    expect(left.body.items).toHaveLength(1);
    const [{ id }] = left.body.items;
    const reason = 'Left';
    const account = id === first.memberId ? first : second;
    expect(await world.support.request('DELETE', `/v1/accounts/${account.accountId}`, { reason })).toMatchObject({
      status: 409,
      body: { code: 'last_full_administrator', state: expect.anything() },
    });
    const restored = await account.http.put(`${pathOf(partner.first)}/administrator-roles`, {
      roles: ['full_administrator', 'partner_full_administrator'],
    });
    expect(restored.status).toBe(200);
  });
});

describe('removing a member', () => {
  it('ends the grants that stood on the membership, tells the person, and leaves a session that gives nothing', async () => {
    const agent = await addMember(world, partner, { administratorRoles: ['help_desk_advanced'] });
    const asked = await agent.http.post('/v1/elevations', { customerId: customer.id, reason: 'Phones' });
    expect((await customer.first.http.post(`/v1/elevations/${asked.body.id}/approve`)).status).toBe(200);
    expect(await remove(partner.first, agent, { reason: 'Project over' })).toMatchObject({ status: 204 });
    const after = await customer.first.http.get(`/v1/elevations/${asked.body.id}`);
    expect(after.body.grant).toMatchObject({ status: 'ended' });
    const told = await world.mail.waitForMail({ to: agent.email, kind: 'membership.removed' }, 15_000);
    expect(told.text).toContain('Project over');
    expect((await agent.http.get('/v1/me')).body.memberships).toEqual([]);
    expect((await agent.http.get(`/v1/organizations/${partner.id}/members`)).status).toBe(404);
    expect((await remove(partner.first, agent)).status).toBe(404);
  });

  it('honours If-Match', async () => {
    const person = await newTeammate();
    const seen = await team.owner.http.get(pathOf(person));
    const etag = seen.headers.get('etag') ?? '';
    const changed = await team.owner.http.patch(
      pathOf(person),
      { workspaceRole: 'limited_access' },
      { 'if-match': etag },
    );
    expect(changed.status).toBe(200);
    const stale = await team.owner.http.delete(pathOf(person), { 'if-match': etag });
    expect(stale).toMatchObject({ status: 412, body: { code: 'version_mismatch' } });
    const fresh = await team.owner.http.delete(pathOf(person), { 'if-match': changed.headers.get('etag') ?? '' });
    expect(fresh.status).toBe(204);
  });

  it('can be followed by another invite', async () => {
    const person = await newTeammate();
    await remove(team.owner, person);
    const again = await team.owner.http.post(`/v1/organizations/${customer.id}/invites`, {
      email: person.email,
      workspaceRole: 'limited_access',
    });
    expect(again.status).toBe(201);
    const mail = await world.mail.waitForMail({ to: person.email, kind: 'invite.welcome' }, 15_000);
    const token = /\/invites\/(cs_invite_[\w-]+)/.exec(mail.text)?.[1];
    const accepted = await person.http.post('/v1/invites/accept', { token });
    expect(accepted).toMatchObject({ status: 200, body: { accountId: person.accountId } });
    expect(accepted.body.memberId).not.toBe(person.memberId);
  });

  it('is not the end for one whose role alone is deleted', async () => {
    const person = await newTeammate();
    await change(team.owner, person, { decryptLogs: true, purpose: 'debugging' });
    const left = await team.owner.http.delete(`${pathOf(person)}/workspace-role`);
    expect(left).toMatchObject({ status: 200, body: { workspaceRole: null, decryptLogs: false } });
    expect(await mayUse(person, 'workspace.read')).toBe(false);
    expect((await team.owner.http.delete(`${pathOf(person)}/workspace-role`)).status).toBe(200);
  });
});

describe('groups and teams', () => {
  it('are added, listed and deleted, but not while somebody is limited to them', async () => {
    const groups = `/v1/organizations/${customer.id}/groups`;
    const teams = `/v1/organizations/${customer.id}/teams`;
    const group = await team.owner.http.post(groups, { name: 'Harbour' });
    const crew = await team.owner.http.post(teams, { name: 'Harbour' });
    expect([group.status, crew.status]).toEqual([201, 201]);
    const location = group.headers.get('location') ?? '';
    expect(location).toBe(`${groups}/${group.body.id}`);
    const read = await team.read_only.http.get(location);
    expect(read).toMatchObject({ status: 200, body: group.body });
    expect(read.headers.get('etag')).toBe(group.headers.get('etag'));
    expect((await team.owner.http.delete(location, { 'if-match': '"another"' })).status).toBe(412);
    expect(await team.owner.http.post(groups, { name: 'Harbour' })).toMatchObject({
      status: 409,
      body: { code: 'name_taken', state: { id: group.body.id } },
    });
    const listed = await team.read_only.http.get(`${teams}?query=harb`);
    expect(listed.body.items).toEqual([crew.body]);
    expect((await team.restricted.http.get(groups)).status).toBe(403);
    expect((await partner.first.http.post(groups, { name: 'Foreign' })).status).toBe(403);

    const person = await newTeammate();
    const scope = { kind: 'groups', groupIds: [group.body.id], teamIds: [crew.body.id] };
    const swapped = { kind: 'groups', groupIds: [crew.body.id], teamIds: [] };
    expect(await change(team.owner, person, { scope: swapped })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/scope/groupIds/0' }] },
    });
    expect((await change(team.full_access, person, { scope })).status).toBe(200);
    expect(await team.owner.http.delete(`${teams}/${crew.body.id}`)).toMatchObject({
      status: 409,
      body: { code: 'group_in_use', members: 1, invites: 0 },
    });
    await remove(team.owner, person);
    expect((await team.owner.http.delete(`${teams}/${crew.body.id}`)).status).toBe(204);
    expect((await team.owner.http.delete(`${teams}/${crew.body.id}`)).status).toBe(404);
  });
});

describe('features a tenant lacks', () => {
  it('give nobody anything, the Owner included', async () => {
    const own = await newCustomer();
    const path = `/v1/organizations/${own.id}`;
    const off = (feature: string, isOn = false) => world.support.patch(path, { features: { [feature]: isOn } });
    expect((await own.first.http.patch(path, { features: { 'workspace.add_groups': false } })).status).toBe(403);
    expect((await off('workspace.add_groups')).status).toBe(200);
    expect((await own.first.http.post(`${path}/groups`, { name: 'Pier' })).status).toBe(403);
    await off('workspace.add_groups', true);
    expect((await own.first.http.post(`${path}/groups`, { name: 'Pier' })).status).toBe(201);

    await off('workspace.invite_users');
    expect(
      await own.first.http.post(`${path}/invites`, { email: 'a@b.example', workspaceRole: 'read_only' }),
    ).toMatchObject({ status: 403, body: { code: 'may_not_invite_users' } });
    await off('workspace.invite_users', true);
    const person = await addMember(world, own);
    await off('workspace.decrypt_access');
    expect(await change(own.first, person, { decryptLogs: true, purpose: 'debugging' })).toMatchObject({
      status: 403,
      body: { code: 'may_not_give_log_decryption' },
    });
    await off('workspace.decrypt_logs');
    expect(await mayUse(own.first, 'workspace.decrypt_logs')).toBe(false);
  });
});

describe('the list of members', () => {
  it('is searched, filtered and paged, and ends', async () => {
    const own = await newCustomer();
    for (let number = 1; number <= 4; number += 1)
      await addMember(world, own, { displayName: `Ada ${number} 100%_sure`, workspaceRole: 'read_only' });
    const list = (query: string) => own.first.http.get(`/v1/organizations/${own.id}/members?${query}`);
    expect((await list('query=ada')).body.items).toHaveLength(4);
    expect((await list(`query=${encodeURIComponent('100%_')}`)).body.items).toHaveLength(4);
    expect((await list(`query=${encodeURIComponent('1%s')}`)).body.items).toHaveLength(0);
    expect((await list('workspaceRole=owner')).body.items).toMatchObject([{ id: own.first.memberId }]);
    expect((await list('administratorRole=full_administrator')).body.items).toHaveLength(1);
    expect((await list('kind=external')).body.items).toEqual([]);

    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: Answer = await list(`limit=2${cursor ? `&cursor=${cursor}` : ''}`);
      seen.push(...page.body.items.map(({ id }: { id: string }) => id));
      cursor = page.body.nextCursor;
    }
    expect(new Set(seen).size).toBe(5);
    expect(seen).toHaveLength(5);
    expect(await list('cursor=nonsense')).toMatchObject({ status: 400, body: { code: 'invalid_cursor' } });
    expect((await partner.first.http.get(`/v1/organizations/${own.id}/members`)).status).toBe(200);
    expect((await team.owner.http.get(`/v1/organizations/${own.id}/members`)).status).toBe(404);
  });
});

describe('an invited Owner', () => {
  it('comes with decrypt access, as the invite said', async () => {
    const email = `owner-${(counter += 1)}@team.example`;
    await team.owner.http.post(`/v1/organizations/${customer.id}/invites`, { email, workspaceRole: 'owner' });
    expect(await inviteTokenFor(world, email)).toMatch(/^cs_invite_/);
    const invited = await acceptInvite(world, email, 'Invited Owner', customer.id);
    expect(await mayUse(invited, 'workspace.decrypt_logs')).toBe(true);
  });
});
