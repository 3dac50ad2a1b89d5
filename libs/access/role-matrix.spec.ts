import { afterEach, describe, expect, it } from '@jest/globals';
import { mayAssignAdministratorRoles } from './administrators.ts';
import { access } from './effective-access.ts';
import { defaultMatrices, matricesInForce, putInForce, roleMatrix, withOverrides } from './role-matrix.ts';
import { administratorRoles, botBuilderRoles, derivedRoles, roleLabels, workspaceRoles } from './roles.ts';
import { isSetting, settingLabels, settings } from './settings.ts';
import { customer, customerPerson, member, membership, now, partnerPerson } from './subjects.fixture.ts';

const originOf = (table: string, setting: string, role: string) =>
  roleMatrix().find((cell) => cell.table === table && cell.setting === setting && cell.role === role)?.origin;

describe('role matrix', () => {
  it('has every cell once', () => {
    const names = roleMatrix().map(({ table, setting, role }) => `${table} ${setting} ${role}`);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toHaveLength(14 * 7 + 7 * 5 + 16 * 5 + 5 + 14 * 5 + 5 + 16);
  });

  it.each([
    ['organization', 'devices', 'full_administrator', 'stated'],
    ['organization', 'troubleshooting', 'support_administrator', 'documented'],
    ['organization', 'legal_hold', 'full_administrator', 'documented'],
    ['organization', 'devices', 'support_administrator', 'inferred'],
    ['partner', 'partner.branding', 'partner_administrator', 'inferred'],
    ['partner', 'partner.branding', 'partner_read_only_administrator', 'stated'],
    ['customer', 'users_and_licences', 'help_desk_advanced', 'stated'],
    ['customer', 'troubleshooting', 'help_desk_basic', 'inferred'],
    ['customer', 'devices', 'provisioning_administrator', 'stated'],
    ['workspace', 'workspace.audit_trail', 'read_only', 'inferred'],
    ['workspace', 'workspace.give_owner', 'restricted', 'stated'],
    ['app_tray', 'app_tray', 'restricted', 'stated'],
  ])('knows where %s / %s / %s comes from: %s', (table, setting, role, origin) => {
    expect(originOf(table, setting, role)).toBe(origin);
  });

  it('names every role and every setting in words, each its own', () => {
    const roles = [...workspaceRoles, ...administratorRoles, ...derivedRoles, ...botBuilderRoles];
    expect(Object.keys(roleLabels).toSorted()).toEqual([...roles].toSorted());
    expect(Object.keys(settingLabels).toSorted()).toEqual([...settings].toSorted());
    expect(new Set(Object.values(settingLabels)).size).toBe(settings.length);
    expect(settings.every(isSetting)).toBe(true);
  });
});

describe('overrides', () => {
  const audit = {
    table: 'organization',
    role: 'support_administrator',
    setting: 'administrator_audit_log',
    level: 'read',
  };

  it('changes an inferred cell, for this policy only', () => {
    const result = withOverrides([audit]);
    if (!result.ok) throw new Error('refused');
    const subject = customerPerson(['support_administrator']);
    expect(access(subject, customer(), 'administrator_audit_log', now, result.matrices).level).toBe('read');
    expect(access(subject, customer(), 'administrator_audit_log', now).level).toBe('none');
    expect(roleMatrix(result.matrices)).toContainEqual({ ...audit, origin: 'inferred' });
  });

  it('carries a partner administrator’s cell over to provisioning administrators', () => {
    const cell = { table: 'customer', role: 'partner_administrator', setting: 'retrieve_logs', level: 'write' };
    const result = withOverrides([cell]);
    if (!result.ok) throw new Error('refused');
    const provisioner = partnerPerson([], { provisioningCustomerIds: ['acme'] });
    expect(access(provisioner, customer(), 'retrieve_logs', now, result.matrices).level).toBe('write');
  });

  it.each([
    ['a stated cell', { ...audit, role: 'full_administrator' }, 'cell_not_inferred'],
    ['a documented cell', { ...audit, setting: 'legal_hold', role: 'full_administrator' }, 'cell_not_inferred'],
    ['an unknown table', { ...audit, table: 'toString' }, 'unknown_cell'],
    ['an unknown role', { ...audit, role: 'constructor' }, 'unknown_cell'],
    ['an unknown setting', { ...audit, setting: '__proto__' }, 'unknown_cell'],
    ['a derived role', { ...audit, table: 'customer', role: 'provisioning_administrator' }, 'unknown_cell'],
    ['a level the table lacks', { ...audit, level: 'use' }, 'unknown_level'],
    [
      'temporary access for a role that cannot ask for it',
      { table: 'customer', role: 'help_desk_basic', setting: 'legal_hold', level: 'temporary' },
      'unknown_level',
    ],
  ])('refuses %s', (_, override, code) => {
    expect(withOverrides([override])).toMatchObject({ ok: false, errors: [{ index: 0, code }] });
  });

  it('refuses all where one is wrong, and a cell named twice', () => {
    expect(withOverrides([audit, { ...audit, level: 'none' }])).toMatchObject({
      ok: false,
      errors: [{ index: 1, code: 'duplicate_cell' }],
    });
  });
});

describe('the matrices in force', () => {
  afterEach(() => putInForce(defaultMatrices));

  it('are what every rule goes by that is not given others', () => {
    const administrator = partnerPerson(['partner_administrator']);
    const ruling = () =>
      mayAssignAdministratorRoles(
        administrator,
        customer(),
        member(membership('acme', 'customer')),
        ['device_administrator'],
        now,
      );
    expect(ruling().allowed).toBe(true);
    const overridden = withOverrides([
      { table: 'customer', role: 'partner_administrator', setting: 'assign_administrator_roles', level: 'none' },
    ]);
    if (!overridden.ok) throw new Error('The override was refused');
    putInForce(overridden.matrices);
    expect(matricesInForce()).toBe(overridden.matrices);
    expect(ruling()).toEqual({ allowed: false, code: 'may_not_assign_administrator_roles' });
  });
});
