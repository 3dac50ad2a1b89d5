/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the story it serves */
import { describe, expect, it } from '@jest/globals';
import {
  inviteGivesLogDecryption,
  inviteMails,
  mayInvite,
  mayManageInvite,
  mayManageInvites,
  type InviteContents,
} from './invite.ts';
import { workspaceRoles } from './roles.ts';
import { customer, customerPerson, now, partner, partnerPerson, person, supporter } from './subjects.fixture.ts';

const invite = (changes: Partial<InviteContents>): InviteContents => ({
  workspaceRole: null,
  administratorRoles: [],
  scope: { kind: 'client' },
  ...changes,
});

describe('mails of an invite', () => {
  it.each([
    [['sso'], false, ['activation', 'welcome']],
    [['sso'], true, ['welcome']],
    [['password'], false, ['sign-up']],
    [['password'], true, ['welcome']],
    [['sso', 'password'], false, ['activation', 'welcome', 'sign-up']],
    [['password', 'sso'], false, ['activation', 'welcome', 'sign-up']],
    [['sso', 'password'], true, ['welcome']],
    [[], false, []],
  ] as const)('login by %j, address known: %s', (methods, known, mails) => {
    expect(inviteMails(methods, known)).toEqual(mails);
  });
});

describe('inviting teammates', () => {
  const judge = (inviter: (typeof workspaceRoles)[number], changes: Partial<InviteContents>) =>
    mayInvite(customerPerson([], inviter), customer(), invite(changes), now);

  it.each(workspaceRoles.flatMap((inviter) => workspaceRoles.map((workspaceRole) => ({ inviter, workspaceRole }))))(
    'judges $inviter inviting $workspaceRole',
    ({ inviter, workspaceRole }) => {
      const allowed = inviter === 'owner' || (inviter === 'full_access' && workspaceRole !== 'owner');
      const code = inviter === 'full_access' ? 'may_not_give_owner' : 'may_not_invite_users';
      expect(judge(inviter, { workspaceRole })).toEqual(
        allowed ? { allowed: true, by: inviter } : { allowed: false, code },
      );
    },
  );

  it('invites an Owner for the whole tenant only', () => {
    const scope = { kind: 'groups' as const, groupIds: ['g'], teamIds: [] };
    expect(judge('owner', { workspaceRole: 'owner', scope })).toEqual({
      allowed: false,
      code: 'owner_needs_client_scope',
    });
    expect(judge('owner', { workspaceRole: 'full_access', scope }).allowed).toBe(true);
  });

  it('lets Owner and Full access give Bot Builder roles with it', () => {
    const appTray = { botBuilder: ['curation_console' as const, 'one_click_testing' as const], applications: ['bot'] };
    expect(judge('full_access', { workspaceRole: 'restricted', appTray }).allowed).toBe(true);
    expect(judge('limited_access', { workspaceRole: 'restricted', appTray }).allowed).toBe(false);
    const disabled = customer({ disabledFeatures: ['workspace.assign_bot_builder'] });
    expect(
      mayInvite(customerPerson([], 'owner'), disabled, invite({ workspaceRole: 'restricted', appTray }), now),
    ).toEqual({
      allowed: false,
      code: 'may_not_assign_bot_builder',
    });
  });

  it('refuses an invite that gives no role', () => {
    expect(judge('owner', {})).toEqual({ allowed: false, code: 'invite_without_roles' });
    const appTray = { botBuilder: [], applications: ['bot'] };
    expect(judge('owner', { appTray })).toEqual({ allowed: false, code: 'invite_without_roles' });
  });

  it('gives log decryption to who is invited as Owner', () => {
    expect(workspaceRoles.filter((workspaceRole) => inviteGivesLogDecryption({ workspaceRole }))).toEqual(['owner']);
  });
});

describe('inviting administrators', () => {
  const administrator = invite({ administratorRoles: ['device_administrator'] });
  const restricted = customer({ restrictedMode: true });

  it('needs the right for each part', () => {
    const both = invite({ workspaceRole: 'read_only', administratorRoles: ['device_administrator'] });
    const code = 'may_not_assign_administrator_roles';
    expect(mayInvite(customerPerson(['full_administrator'], 'owner'), customer(), both, now).allowed).toBe(true);
    expect(mayInvite(customerPerson([], 'owner'), customer(), both, now)).toEqual({ allowed: false, code });
    expect(mayInvite(customerPerson(['full_administrator']), customer(), both, now)).toEqual({
      allowed: false,
      code: 'may_not_invite_users',
    });
    expect(mayInvite(customerPerson(['user_and_device_administrator']), customer(), administrator, now)).toEqual({
      allowed: false,
      code,
    });
    expect(mayInvite(supporter, customer(), administrator, now)).toEqual({ allowed: false, code });
  });

  it('is refused to the customer’s own administrators in restricted mode, and left to the partner’s', () => {
    const own = customerPerson(['full_administrator'], 'owner');
    expect(mayInvite(own, restricted, administrator, now)).toEqual({
      allowed: false,
      code: 'restricted_administrator_mode',
    });
    expect(mayInvite(own, restricted, invite({ workspaceRole: 'full_access' }), now).allowed).toBe(true);
    expect(mayInvite(own, customer({ restrictedMode: true, relationships: [] }), administrator, now).allowed).toBe(
      true,
    );
    for (const role of ['partner_full_administrator', 'partner_administrator'] as const)
      expect(mayInvite(partnerPerson([role]), restricted, administrator, now)).toEqual({ allowed: true, by: role });
    const both = person('both', [...own.memberships, ...partnerPerson(['partner_full_administrator']).memberships]);
    expect(mayInvite(both, restricted, administrator, now)).toEqual({
      allowed: true,
      by: 'partner_full_administrator',
    });
  });

  it('gives customer-management roles in partner organizations only', () => {
    const helpDesk = invite({ administratorRoles: ['help_desk_advanced'] });
    expect(mayInvite(partnerPerson(['full_administrator']), partner(), helpDesk, now).allowed).toBe(true);
    expect(mayInvite(customerPerson(['full_administrator']), customer(), helpDesk, now)).toEqual({
      allowed: false,
      code: 'partner_role_outside_partner',
    });
  });

  it('leaves new people of the partner to its full administrators: a partner full administrator assigns to existing ones', () => {
    expect(mayInvite(partnerPerson(['partner_full_administrator']), partner(), administrator, now).allowed).toBe(false);
  });

  it('lets whoever may invite or assign manage open invites', () => {
    expect(mayManageInvites(customerPerson([], 'full_access'), customer(), now).allowed).toBe(true);
    expect(mayManageInvites(customerPerson(['full_administrator']), customer(), now).allowed).toBe(true);
    expect(mayManageInvites(customerPerson(['read_only_administrator'], 'read_only'), customer(), now).allowed).toBe(
      false,
    );
  });
});

describe('sending an invite again or withdrawing it', () => {
  const restricted = customer({ restrictedMode: true });
  const full = customerPerson(['full_administrator']);
  const access = customerPerson([], 'full_access');
  const asOwner = { workspaceRole: 'owner' } as const;
  const asAdministrator = { administratorRoles: ['full_administrator'] } as const;

  it.each([
    ['Full access, a teammate', access, customer(), { workspaceRole: 'read_only' }, false, null],
    ['Full access, an Owner', access, customer(), asOwner, false, 'may_not_give_owner'],
    ['an Owner, an Owner', customerPerson([], 'owner'), customer(), asOwner, false, null],
    ['Full access, an administrator', access, customer(), asAdministrator, false, 'may_not_assign_administrator_roles'],
    ['a full administrator, an administrator', full, customer(), asAdministrator, false, null],
    ['the same in restricted mode', full, restricted, asAdministrator, false, 'restricted_administrator_mode'],
    [
      'a full administrator, a teammate',
      full,
      customer(),
      { workspaceRole: 'read_only' },
      false,
      'may_not_invite_users',
    ],
    ['support, the first person', supporter, customer(), { ...asOwner, ...asAdministrator }, true, null],
    ['support, a later one', supporter, customer(), asOwner, false, 'may_not_invite_users'],
  ] as const)('%s', (_, subject, target, contents, isFirst, code) => {
    const ruling = mayManageInvite(subject, target, { ...invite(contents), isFirst }, now);
    expect(ruling.allowed ? null : ruling.code).toBe(code);
  });
});

describe('the support team', () => {
  const platform = customer({ id: 'platform', kind: 'platform', relationships: [] });

  it.each([
    ['the support team', supporter, 'support'],
    ['an Owner of a customer', customerPerson([], 'owner'), null],
    ['a partner full administrator', partnerPerson(['partner_full_administrator']), null],
  ] as const)('%s inviting to the support team', (_, inviter, by) => {
    const expected = by ? { allowed: true, by } : { allowed: false, code: 'support_only' };
    expect(mayInvite(inviter, platform, invite({ workspaceRole: 'full_access' }), now)).toEqual(expected);
    expect(mayManageInvites(inviter, platform, now)).toEqual(expected);
  });

  it('invites nobody without a role, and to no other organization', () => {
    expect(mayInvite(supporter, platform, invite({}), now)).toEqual({ allowed: false, code: 'invite_without_roles' });
    expect(mayInvite(supporter, customer(), invite({ workspaceRole: 'read_only' }), now).allowed).toBe(false);
  });
});
