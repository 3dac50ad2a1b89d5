/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the story it serves */
import { describe, expect, it } from '@jest/globals';
import { access } from './effective-access.ts';
import { organizationRoles } from './roles.ts';
import {
  customerPerson,
  customer,
  membership,
  minutes,
  now,
  partner,
  partnerPerson,
  person,
} from './subjects.fixture.ts';

// Written from the product document, column by column: f = full, r = read-only, s = support, u = user and device,
// d = device, c = compliance, t = advanced troubleshooting.
const table = `
  setting                       f      r     s      u      d      c      t
  assign_administrator_roles    write  read  none   none   none   none   none
  users_and_licences            write  read  none   write  none   none   none
  devices                       write  read  none   write  write  none   none
  company_policy_and_templates  write  read  none   none   none   none   none
  analytics_and_reports         write  read  write  none   none   none   none
  troubleshooting               write  read  write  none   none   none   none
  licences_and_upgrades         write  read  none   write  none   none   none
  organization_settings         write  read  none   none   none   none   none
  app_integrations              write  read  none   none   none   none   none
  site_management               write  read  none   none   none   none   none
  administrator_audit_log       write  read  none   none   none   none   none
  user_generated_content        none   none  none   none   none   write  none
  legal_hold                    none   none  none   none   none   write  none
  join_meetings                 none   none  none   none   none   none   write
  retrieve_logs                 none   none  none   none   none   none   none`;

const cells = table
  .trim()
  .split('\n')
  .slice(1)
  .flatMap((line) => {
    const [setting = '', ...levels] = line.trim().split(/\s+/);
    return organizationRoles.map((role, column) => ({ setting, role, level: levels[column] }));
  });

describe('administrator roles in one’s own organization', () => {
  it.each(cells)('gives $role $level on $setting of a customer', ({ setting, role, level }) => {
    expect(access(customerPerson([role]), customer(), setting, now).level).toBe(level);
  });

  it.each(cells)('gives $role $level on $setting of a partner’s own organization', ({ setting, role, level }) => {
    expect(access(partnerPerson([role]), partner(), setting, now).level).toBe(level);
  });

  it('gives nothing in another organization', () => {
    for (const { setting, role } of cells)
      expect(access(customerPerson([role]), customer({ id: 'other' }), setting, now).level).toBe('none');
  });

  it('unites the roles of one administrator', () => {
    const both = customerPerson(['device_administrator', 'compliance_officer']);
    expect(access(both, customer(), 'devices', now).level).toBe('write');
    expect(access(both, customer(), 'legal_hold', now).level).toBe('write');
    expect(access(both, customer(), 'users_and_licences', now).level).toBe('none');
  });

  it('lets an external membership work until its end and not a moment longer', () => {
    const until = (end: Date) =>
      person('external', [
        membership('acme', 'customer', { kind: 'external', administratorRoles: ['full_administrator'], until: end }),
      ]);
    expect(access(until(minutes(1)), customer(), 'devices', now)).toEqual({
      setting: 'devices',
      level: 'write',
      reasons: [{ kind: 'role', id: 'full_administrator', level: 'write', until: minutes(1) }],
    });
    expect(access(until(now), customer(), 'devices', now)).toEqual({ setting: 'devices', level: 'none', reasons: [] });
  });
});
