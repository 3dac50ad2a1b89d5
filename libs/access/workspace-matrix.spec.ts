import { describe, expect, it } from '@jest/globals';
import { appTrayAccess } from './app-tray.ts';
import { access } from './effective-access.ts';
import { workspaceRoles } from './roles.ts';
import { customer, customerPerson, now } from './subjects.fixture.ts';

// Written from the product document: Owner, Full, Limited, Read-only, Restricted; x = may use it.
const table = `
  permission                    O F L R -
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
  workspace.decrypt_logs        . . . . .`;

const cells = table
  .trim()
  .split('\n')
  .slice(1)
  .flatMap((line) => {
    const [permission = '', ...marks] = line.trim().split(/\s+/);
    return workspaceRoles.map((role, column) => ({
      permission,
      role,
      level: marks[column] === 'x' ? 'use' : 'none',
    }));
  });

describe('workspace roles', () => {
  it.each(cells)('gives $role $level on $permission', ({ permission, role, level }) => {
    expect(access(customerPerson([], role), customer(), permission, now).level).toBe(level);
  });

  it('opens encrypted logs by the flag, whatever the role, but not without one', () => {
    for (const role of workspaceRoles) {
      const flagged = customerPerson([], role, { decryptLogs: true });
      expect(access(flagged, customer(), 'workspace.decrypt_logs', now).level).toBe('use');
    }
    const nobody = customerPerson([], null, { decryptLogs: true });
    expect(access(nobody, customer(), 'workspace.decrypt_logs', now).level).toBe('none');
  });

  it('keeps administrator roles out of the workspace, and workspace roles out of administration', () => {
    expect(access(customerPerson(['full_administrator']), customer(), 'workspace.read', now).level).toBe('none');
    expect(access(customerPerson([], 'owner'), customer(), 'organization_settings', now).level).toBe('none');
  });

  it('gives no access to a feature the tenant lacks', () => {
    const without = customer({ disabledFeatures: ['workspace.decrypt_access'] });
    expect(access(customerPerson([], 'owner'), without, 'workspace.decrypt_access', now)).toEqual({
      setting: 'workspace.decrypt_access',
      level: 'none',
      reasons: [
        { kind: 'role', id: 'owner', level: 'use' },
        { kind: 'feature', id: 'workspace.decrypt_access' },
      ],
    });
  });
});

describe('app-tray applications', () => {
  const appTray = { botBuilder: ['curation_console' as const], applications: ['bot-builder', 'reports'] };

  it.each([
    ['owner', 'all'],
    ['full_access', 'all'],
    ['limited_access', 'all'],
    ['read_only', 'read'],
    ['restricted', 'given'],
  ] as const)('opens to %s: %s', (role, level) => {
    const teammate = customerPerson([], role, { appTray });
    expect(appTrayAccess(teammate, customer(), now)).toEqual({
      level,
      applications: level === 'given' ? ['bot-builder', 'reports'] : [],
      botBuilder: ['curation_console'],
    });
  });

  it('opens to nobody without a workspace role, and never an application the tenant lacks', () => {
    const administrator = customerPerson(['full_administrator'], null, { appTray });
    expect(appTrayAccess(administrator, customer(), now).level).toBe('none');
    const restricted = customerPerson([], 'restricted', { appTray });
    const without = customer({ disabledFeatures: ['reports'] });
    expect(appTrayAccess(restricted, without, now).applications).toEqual(['bot-builder']);
  });
});
