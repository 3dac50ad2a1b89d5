/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the story it serves */
import { describe, expect, it } from '@jest/globals';
import { workspaceRoles, type WorkspaceRole } from './roles.ts';
import { customer, customerPerson, member, membership, now, partnerPerson, supporter } from './subjects.fixture.ts';
import {
  losesLastOwner,
  mayAssignApplications,
  mayAssignBotBuilder,
  mayChangeLogDecryption,
  mayChangeScope,
  mayChangeWorkspaceRole,
  mayManageGroups,
  mayRemoveAccount,
  mayRemoveMember,
} from './teammates.ts';

const client = { kind: 'client' } as const;
const groups = { kind: 'groups', groupIds: ['g'], teamIds: [] } as const;
const teammate = (workspaceRole: WorkspaceRole | null, changes: Parameters<typeof member>[1] = {}) =>
  member(membership('acme', 'customer', { workspaceRole }), changes);
const by = (role: WorkspaceRole) => customerPerson([], role);
const change = (
  subject: ReturnType<typeof by>,
  of: ReturnType<typeof teammate>,
  to: WorkspaceRole | null,
  more: { reason?: string; scope?: typeof client | typeof groups; isCountersigned?: boolean } = {},
) => mayChangeWorkspaceRole(subject, customer(), of, { to, scope: client, isCountersigned: true, ...more }, now);

describe('changing a workspace role', () => {
  // Who may take a teammate from one role to another, Owner's column apart.
  it.each(
    workspaceRoles.flatMap((actor) =>
      workspaceRoles.flatMap((from) => [...workspaceRoles, null].map((to) => ({ actor, from, to }))),
    ),
  )('judges $actor taking $from to $to', ({ actor, from, to }) => {
    const ofOwner = from === 'owner' && to !== 'owner';
    const allowed = !ofOwner && (actor === 'owner' || (actor === 'full_access' && to !== 'owner'));
    expect(change(by(actor), teammate(from), to).allowed).toBe(allowed);
  });

  it('names the reason of a refusal', () => {
    const code = (ruling: ReturnType<typeof change>) => (ruling.allowed ? null : ruling.code);
    expect(code(change(by('full_access'), teammate('read_only'), 'owner'))).toBe('may_not_give_owner');
    expect(code(change(by('limited_access'), teammate('read_only'), 'full_access'))).toBe('may_not_change_roles');
    expect(code(change(by('limited_access'), teammate('read_only'), null))).toBe('may_not_remove_users');
    expect(code(change(by('owner'), teammate('owner'), 'read_only'))).toBe('owner_role_is_fixed');
    expect(code(change(by('owner'), teammate('read_only'), 'owner', { scope: groups }))).toBe(
      'owner_needs_client_scope',
    );
  });

  it('lets nobody change their own role, support included', () => {
    const refusal = { allowed: false, code: 'own_role' };
    expect(change(by('owner'), teammate('owner', { accountId: 'customer-person' }), 'read_only')).toEqual(refusal);
    expect(change(by('full_access'), teammate('full_access', { accountId: 'customer-person' }), null)).toEqual(refusal);
    expect(change(supporter, teammate('read_only', { accountId: 'supporter' }), 'owner', { reason: 'x' })).toEqual(
      refusal,
    );
  });

  it('leaves an Owner to the support team, with a reason, and never the last one', () => {
    expect(change(supporter, teammate('owner'), 'read_only', { reason: 'left the company' })).toEqual({
      allowed: true,
      by: 'support',
    });
    expect(change(supporter, teammate('owner'), 'read_only', { reason: 'alone', isCountersigned: false })).toEqual({
      allowed: false,
      code: 'two_people_required',
    });
    expect(change(supporter, teammate('owner'), 'read_only', { reason: '  ' })).toEqual({
      allowed: false,
      code: 'reason_required',
    });
    const last = teammate('owner', { isLastOwner: true });
    for (const to of ['full_access', null] as const)
      expect(change(supporter, last, to, { reason: 'x' })).toEqual({ allowed: false, code: 'last_owner' });
    expect(losesLastOwner(last, 'owner')).toBe(false);
    expect(losesLastOwner(last, null)).toBe(true);
  });

  it('lets support raise an Owner, with a reason, and change nothing else', () => {
    expect(change(supporter, teammate('read_only'), 'owner', { reason: 'no Owner left to do it' }).allowed).toBe(true);
    expect(change(supporter, teammate('read_only'), 'owner')).toEqual({ allowed: false, code: 'reason_required' });
    expect(change(supporter, teammate('read_only'), 'full_access', { reason: 'x' }).allowed).toBe(false);
  });

  it('is not for an Owner of another tenant', () => {
    const stranger = { ...by('owner'), memberships: [membership('other', 'customer', { workspaceRole: 'owner' })] };
    expect(change(stranger, teammate('read_only'), 'full_access').allowed).toBe(false);
  });
});

describe('scope', () => {
  const judge = (
    of: ReturnType<typeof teammate>,
    scope: typeof client | typeof groups,
    actor: WorkspaceRole = 'owner',
  ) => mayChangeScope(by(actor), customer(), of, scope, now);

  it('keeps an Owner on the whole tenant', () => {
    expect(judge(teammate('owner'), groups)).toEqual({ allowed: false, code: 'owner_needs_client_scope' });
    expect(judge(teammate('owner'), client).allowed).toBe(true);
    expect(judge(teammate('full_access'), groups).allowed).toBe(true);
  });

  it('of an Owner is an Owner’s to say, even where it stays as it is', () => {
    for (const actor of ['limited_access', 'read_only'] as const)
      expect(judge(teammate('owner'), client, actor)).toEqual({ allowed: false, code: 'may_not_change_roles' });
    expect(judge(teammate('owner'), client, 'full_access')).toEqual({ allowed: false, code: 'may_not_touch_owner' });
  });

  it('is changed by who changes roles, never one’s own', () => {
    expect(judge(teammate('read_only'), groups, 'full_access').allowed).toBe(true);
    expect(judge(teammate('read_only'), groups, 'limited_access')).toEqual({
      allowed: false,
      code: 'may_not_change_roles',
    });
    expect(judge(teammate('owner', { accountId: 'customer-person' }), groups)).toEqual({
      allowed: false,
      code: 'own_role',
    });
  });
});

describe('removing a member', () => {
  const remove = (
    subject: ReturnType<typeof by>,
    of: ReturnType<typeof teammate>,
    reason: string | null = null,
    target = customer(),
  ) => mayRemoveMember(subject, target, of, { reason, isCountersigned: true }, now);
  const administrator = (changes: Parameters<typeof member>[1] = {}, kind: 'home' | 'external' = 'home') =>
    member(membership('acme', 'customer', { kind, administratorRoles: ['full_administrator'] }), changes);

  it('is for Owner and Full access, and for who manages users', () => {
    expect(workspaceRoles.filter((role) => remove(by(role), teammate('read_only')).allowed)).toEqual([
      'owner',
      'full_access',
    ]);
    const manager = customerPerson(['user_and_device_administrator']);
    expect(remove(manager, teammate('read_only')).allowed).toBe(true);
    expect(remove(manager, teammate('read_only'), null, customer({ restrictedMode: true })).allowed).toBe(false);
    expect(remove(partnerPerson(['partner_administrator']), teammate('read_only')).allowed).toBe(false);
  });

  it('never removes an Owner from within, or the last of those who must stay, and lets everybody else leave', () => {
    expect(remove(by('owner'), teammate('owner'))).toEqual({ allowed: false, code: 'owner_role_is_fixed' });
    expect(remove(supporter, teammate('owner'), 'left').allowed).toBe(true);
    expect(remove(supporter, teammate('owner', { isLastOwner: true }), 'left')).toEqual({
      allowed: false,
      code: 'last_owner',
    });
    // Leaving is no removal: everybody may, but for the last one.
    const self = { accountId: 'customer-person' };
    expect(remove(by('owner'), teammate('owner', self))).toEqual({ allowed: true, by: 'self' });
    expect(remove(by('owner'), teammate('owner', { ...self, isLastOwner: true }))).toEqual({
      allowed: false,
      code: 'last_owner',
    });
    const chief = customerPerson(['full_administrator'], 'owner');
    expect(remove(chief, administrator({ isLastFullAdministrator: true }))).toEqual({
      allowed: false,
      code: 'last_full_administrator',
    });
  });

  it('takes administrator roles away only by who may assign them', () => {
    expect(remove(by('owner'), administrator())).toEqual({
      allowed: false,
      code: 'may_not_assign_administrator_roles',
    });
    expect(remove(customerPerson(['full_administrator'], 'owner'), administrator()).allowed).toBe(true);
  });

  it('leaves external administrators to the home full administrators', () => {
    expect(remove(customerPerson(['full_administrator']), administrator({}, 'external')).allowed).toBe(true);
    expect(remove(by('owner'), administrator({}, 'external')).allowed).toBe(false);
  });
});

describe('who is the last one', () => {
  it('is told to those who may remove, and not to everybody who tries', () => {
    const last = member(membership('acme', 'customer', { administratorRoles: ['full_administrator'] }), {
      isLastFullAdministrator: true,
    });
    const judge = (subject: ReturnType<typeof by>) => mayRemoveMember(subject, customer(), last, {}, now);
    expect(judge(customerPerson(['full_administrator'], 'owner'))).toEqual({
      allowed: false,
      code: 'last_full_administrator',
    });
    expect(judge(by('restricted'))).toEqual({ allowed: false, code: 'may_not_remove_users' });
  });
});

describe('log decryption', () => {
  const judge = (
    subject: ReturnType<typeof by>,
    of: ReturnType<typeof teammate>,
    on = true,
    purpose: string | null = 'debugging',
  ) => mayChangeLogDecryption(subject, customer(), of, { on, purpose }, now);

  it('is turned on by an Owner or support, also for a user raised to Owner', () => {
    expect(workspaceRoles.filter((role) => judge(by(role), teammate('limited_access')).allowed)).toEqual(['owner']);
    expect(judge(by('owner'), teammate('owner')).allowed).toBe(true);
    expect(judge(supporter, teammate('owner'))).toEqual({ allowed: true, by: 'support' });
  });

  it('is never turned on by oneself, and not without a purpose', () => {
    expect(judge(by('owner'), teammate('owner', { accountId: 'customer-person' }))).toEqual({
      allowed: false,
      code: 'own_role',
    });
    expect(judge(by('owner'), teammate('owner'), true, null)).toEqual({ allowed: false, code: 'purpose_required' });
    expect(judge(by('owner'), teammate('owner'), true, 'curiosity')).toEqual({
      allowed: false,
      code: 'purpose_required',
    });
    expect(judge(by('owner'), teammate('owner'), true, 'data_protection_officer').allowed).toBe(true);
    expect(judge(by('owner'), teammate('owner', { accountId: 'customer-person' }), false, null).allowed).toBe(true);
  });
});

describe('the app tray', () => {
  it('is given by Owner and Full access', () => {
    const builder = (role: WorkspaceRole) => mayAssignBotBuilder(by(role), customer(), teammate('restricted'), now);
    const applications = (role: WorkspaceRole) =>
      mayAssignApplications(by(role), customer(), teammate('restricted'), now);
    expect(workspaceRoles.filter((role) => builder(role).allowed)).toEqual(['owner', 'full_access']);
    expect(workspaceRoles.filter((role) => applications(role).allowed)).toEqual(['owner', 'full_access']);
  });

  it('of an Owner is not Full access’s to touch', () => {
    const refusal = { allowed: false, code: 'may_not_touch_owner' };
    expect(mayAssignBotBuilder(by('full_access'), customer(), teammate('owner'), now)).toEqual(refusal);
    expect(mayAssignApplications(by('full_access'), customer(), teammate('owner'), now)).toEqual(refusal);
    expect(mayAssignBotBuilder(by('owner'), customer(), teammate('owner'), now).allowed).toBe(true);
  });

  it('allows Bot Builder roles of one’s own, but not applications', () => {
    const self = teammate('owner', { accountId: 'customer-person' });
    expect(mayAssignBotBuilder(by('owner'), customer(), self, now).allowed).toBe(true);
    expect(mayAssignApplications(by('owner'), customer(), self, now)).toEqual({ allowed: false, code: 'own_role' });
  });
});

describe('external administrators', () => {
  it('get no workspace role', () => {
    const external = member(membership('acme', 'customer', { kind: 'external' }));
    expect(change(by('owner'), external, 'read_only')).toEqual({ allowed: false, code: 'role_not_available' });
  });
});

describe('removing an account', () => {
  const plain = teammate('read_only');
  it.each([
    ['support with a reason', supporter, [plain], 'left', null],
    ['support without a reason', supporter, [plain], ' ', 'reason_required'],
    ['an Owner', by('owner'), [plain], 'left', 'support_only'],
    [
      'the last Owner of one organization',
      supporter,
      [plain, teammate('owner', { isLastOwner: true })],
      'left',
      'last_owner',
    ],
    [
      'the last full administrator',
      supporter,
      [teammate(null, { isLastFullAdministrator: true })],
      'left',
      'last_full_administrator',
    ],
    ['one Owner of several', supporter, [teammate('owner')], 'left', 'two_people_required'],
  ] as const)('%s', (_, subject, members, reason, code) => {
    const ruling = mayRemoveAccount(subject, 'somebody-else', members, { reason }, now);
    expect(ruling).toEqual(code === null ? { allowed: true, by: 'support' } : { allowed: false, code });
  });

  it('of an Owner takes two', () => {
    const members = [teammate('owner')];
    const circumstances = { reason: 'left', isCountersigned: true };
    expect(mayRemoveAccount(supporter, 'somebody-else', members, circumstances, now).allowed).toBe(true);
  });

  it("is never one's own", () => {
    expect(mayRemoveAccount(supporter, 'supporter', [], { reason: 'left' }, now)).toEqual({
      allowed: false,
      code: 'own_role',
    });
  });
});

describe('groups and teams', () => {
  it.each(workspaceRoles)('are added by %s only where that is the Owner', (role) => {
    expect(mayManageGroups(by(role), customer(), now).allowed).toBe(role === 'owner');
  });

  it('are not added where the tenant lacks the feature', () => {
    const without = customer({ disabledFeatures: ['workspace.add_groups'] });
    expect(mayManageGroups(by('owner'), without, now)).toEqual({ allowed: false, code: 'may_not_add_groups' });
  });
});
