import { describe, expect, it } from '@jest/globals';
import { access, effectiveAccess } from './effective-access.ts';
import {
  customer,
  customerPerson,
  membership,
  minutes,
  now,
  partnerPerson,
  person,
  relationship,
  temporary,
} from './subjects.fixture.ts';

// Written from the product document: what a customer's full administrator is left with while the mode is on.
const table = [
  ['users.manual_add_modify', 'unavailable', 'none'],
  ['users.claim', 'unavailable', 'none'],
  ['users.auto_assign_licences', 'unavailable', 'none'],
  ['users.reset_package', 'unavailable', 'none'],
  ['users.edit_services', 'unavailable', 'none'],
  ['users.details', 'read_only', 'read'],
  ['users.primary_work_number', 'read_only', 'read'],
  ['users.directory_synchronization', 'read_only', 'read'],
  ['users.services_status', 'hidden', 'none'],
  ['account.company_name', 'read_only', 'read'],
  ['organization.domain', 'read_only', 'read'],
  ['organization.suppress_admin_invite_email', 'read_only', 'read'],
  ['organization.email_locale', 'read_only', 'read'],
  ['organization.authentication', 'unavailable', 'none'],
  ['calling.call_priority', 'read_only', 'read'],
  ['calling.behaviour', 'read_only', 'read'],
  ['calling.pstn_local_gateway', 'hidden', 'none'],
  ['calling.pstn_vendor', 'hidden', 'none'],
  ['services.migrations', 'hidden', 'none'],
  ['services.connected_uc', 'hidden', 'none'],
] as const;
const onlyWhileOff = ['users.add_wholesale', 'users.change_packages'];

const restricted = customer({ restrictedMode: true });
const administrator = customerPerson(['full_administrator']);

describe('restricted administrator mode', () => {
  it.each(table)('makes %s %s for a full administrator of the customer', (setting, restriction, level) => {
    expect(access(administrator, restricted, setting, now)).toEqual({
      setting,
      level,
      restriction,
      reasons: [
        { kind: 'role', id: 'full_administrator', level: 'write' },
        { kind: 'restriction', id: setting },
      ],
    });
    expect(access(administrator, customer(), setting, now).level).toBe('write');
  });

  it.each(onlyWhileOff)('offers %s only while it is off', (setting) => {
    expect(access(administrator, customer(), setting, now).level).toBe('write');
    expect(access(administrator, restricted, setting, now)).toMatchObject({
      level: 'none',
      restriction: 'unavailable',
      reasons: [{ kind: 'role' }, { kind: 'restriction', id: 'restricted_administrator_mode' }],
    });
  });

  it.each(table)('restricts %s (%s) for external administrators and for grants, too', (setting, _, level) => {
    const external = person('external', [
      membership('acme', 'customer', { kind: 'external', administratorRoles: ['full_administrator'] }),
    ]);
    const agent = partnerPerson(['help_desk_advanced'], {}, [temporary('elevation')]);
    expect(access(external, restricted, setting, now).level).toBe(level);
    expect(access(agent, restricted, setting, now).level).toBe(level);
  });

  it('never gives a read-only administrator more than reading', () => {
    for (const [setting, , level] of table)
      expect(access(customerPerson(['read_only_administrator']), restricted, setting, now).level).toBe(level);
  });

  it('does not restrict partner-level administrators', () => {
    for (const setting of [...table.map(([id]) => id), ...onlyWhileOff]) {
      expect(access(partnerPerson(['partner_full_administrator']), restricted, setting, now)).toMatchObject({
        level: 'write',
        reasons: [{ kind: 'role', id: 'partner_full_administrator' }],
      });
      const provisioner = partnerPerson([], { provisioningCustomerIds: ['acme'] });
      for (const subject of [partnerPerson(['partner_administrator']), provisioner])
        expect(access(subject, restricted, setting, now)).toEqual(access(subject, customer(), setting, now));
    }
  });

  it('leaves a partner-level standing whole beside a restricted one', () => {
    const both = person('both', [
      ...administrator.memberships,
      ...partnerPerson(['partner_full_administrator']).memberships,
    ]);
    expect(access(both, restricted, 'users.claim', now)).toMatchObject({ level: 'write' });
    expect(access(both, restricted, 'users.claim', now).restriction).toBeUndefined();
  });

  it('leaves the areas themselves writable', () => {
    expect(access(administrator, restricted, 'users_and_licences', now).level).toBe('write');
    expect(access(administrator, restricted, 'organization_settings', now).level).toBe('write');
  });

  it('does not cut what a workspace role gives', () => {
    expect(access(customerPerson([], 'owner'), restricted, 'workspace.invite_users', now).level).toBe('use');
  });

  it.each([
    ['without a partner', []],
    ['once the partner has gone', [relationship({ activeUntil: minutes(-1) })]],
    ['with an external administrator’s partner only', [relationship({ origin: 'external_administrator' })]],
  ])('is not in force %s: nobody could lift it', (_, relationships) => {
    const target = customer({ restrictedMode: true, relationships });
    expect(access(administrator, target, 'users.claim', now).level).toBe('write');
    expect(effectiveAccess(administrator, target, now).banner).toBeNull();
  });

  it('shows the customer’s administrators a banner and greys out manage users', () => {
    expect(effectiveAccess(administrator, restricted, now)).toMatchObject({
      banner: { code: 'restricted_administrator_mode' },
      manageUsers: { enabled: false },
    });
    expect(effectiveAccess(administrator, customer(), now)).toMatchObject({
      banner: null,
      manageUsers: { enabled: true },
    });
    expect(effectiveAccess(partnerPerson(['partner_full_administrator']), restricted, now)).toMatchObject({
      banner: null,
      manageUsers: { enabled: true },
    });
    expect(effectiveAccess(customerPerson([], 'owner'), restricted, now).banner).toBeNull();
  });
});
