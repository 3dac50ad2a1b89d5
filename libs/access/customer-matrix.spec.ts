import { describe, expect, it } from '@jest/globals';
import { listedCustomers } from './administrators.ts';
import { access } from './effective-access.ts';
import { partnerRoles, type PartnerRole } from './roles.ts';
import {
  customer,
  membership,
  minutes,
  now,
  partner,
  partnerPerson,
  person,
  relationship,
  temporary,
} from './subjects.fixture.ts';

const rowsOf = (table: string) =>
  table
    .trim()
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [setting = '', ...levels] = line.trim().split(/\s+/);
      return partnerRoles.map((role, column) => ({ setting, role, level: levels[column] ?? '' }));
    });

// Written from the product document: full, administrator, read-only, help desk basic, help desk advanced.
const partnerSide = rowsOf(`
  setting                               full   admin  read  basic  advanced
  partner.assign_administrator_roles    write  none   none  none   none
  partner.analytics                     write  write  read  none   none
  partner.branding                      write  write  read  none   none
  partner.company_policy_and_templates  write  write  none  none   none
  partner.create_customers              write  write  none  none   none
  partner.trials                        write  write  none  none   none
  partner.help_desk_view                none   none   none  read   read`);

const customerSide = rowsOf(`
  setting                       full   admin  read  basic  advanced
  assign_administrator_roles    write  write  none  none   none
  users_and_licences            write  read   read  read   temporary
  devices                       write  write  read  read   temporary
  company_policy_and_templates  write  write  read  read   temporary
  analytics_and_reports         write  write  read  read   temporary
  licences_and_upgrades         write  write  read  read   temporary
  organization_settings         write  write  read  read   temporary
  app_integrations              write  write  read  read   temporary
  site_management               write  write  read  read   temporary
  administrator_audit_log       write  write  read  read   temporary
  troubleshooting               write  write  read  write  write
  retrieve_logs                 write  none   none  write  write
  user_generated_content        none   none   none  none   none
  legal_hold                    none   none   none  none   none
  join_meetings                 none   none   none  none   none`);

const isHelpDesk = (role: PartnerRole) => role === 'help_desk_basic' || role === 'help_desk_advanced';
const session = [temporary('help_desk_session')];
const grant = [temporary('elevation')];

describe('customer management, partner side', () => {
  it.each(partnerSide)('gives $role $level on $setting', ({ setting, role, level }) => {
    expect(access(partnerPerson([role]), partner(), setting, now).level).toBe(level);
  });

  it('has no partner settings on a customer', () => {
    for (const { setting, role } of partnerSide)
      expect(access(partnerPerson([role]), customer(), setting, now).level).toBe('none');
  });

  it('gives an external member of the partner nothing', () => {
    const external = partnerPerson(['partner_full_administrator'], { kind: 'external' });
    expect(access(external, partner(), 'partner.branding', now).level).toBe('none');
    expect(access(external, customer(), 'devices', now).level).toBe('none');
  });

  it('gives nothing for partner roles held outside a partner organization', () => {
    const misplaced = person('x', [
      membership('shop', 'customer', { administratorRoles: ['partner_full_administrator'] }),
    ]);
    const target = customer({ relationships: [relationship({ partnerId: 'shop' })] });
    expect(access(misplaced, target, 'devices', now).level).toBe('none');
  });
});

describe('customer management, customer side', () => {
  it.each(customerSide.filter(({ role }) => !isHelpDesk(role)))(
    'gives $role $level on $setting',
    ({ setting, role, level }) => {
      expect(access(partnerPerson([role]), customer(), setting, now).level).toBe(level);
    },
  );

  it.each(customerSide.filter(({ role }) => isHelpDesk(role)))(
    'gives $role $level on $setting, and only within a session or grant',
    ({ setting, role, level }) => {
      const withRole = (access_: typeof session) =>
        access(partnerPerson([role], {}, access_), customer(), setting, now).level;
      const read = level === 'temporary' ? 'read' : level;
      const elevated = level === 'temporary' ? 'write' : level;
      expect(withRole([])).toBe('none');
      expect(withRole(session)).toBe(read);
      // Elevation is for Advanced: a grant left over from it gives Basic nothing.
      expect(withRole(grant)).toBe(role === 'help_desk_advanced' ? elevated : 'none');
      expect(withRole([...session, ...grant])).toBe(role === 'help_desk_advanced' ? elevated : read);
    },
  );

  it.each([
    ['there is no relationship', []],
    ['the relationship is over', [relationship({ activeUntil: now })]],
    ['the relationship has not begun', [relationship({ activeFrom: minutes(1) })]],
    ['the relationship is an external one', [relationship({ origin: 'external_administrator' })]],
    ['the relationship is another partner’s', [relationship({ partnerId: 'rival' })]],
    ['the relationship is another customer’s', [relationship({ customerId: 'other' })]],
  ])('gives nothing where %s', (_, relationships) => {
    for (const role of partnerRoles)
      for (const { setting } of customerSide) {
        const subject = partnerPerson([role], {}, [...session, ...grant]);
        expect(access(subject, customer({ relationships }), setting, now).level).toBe('none');
      }
  });

  it('holds a partner administrator to the customers assigned to them', () => {
    const unassigned = partnerPerson(['partner_administrator'], { assignedCustomerIds: ['other'] });
    expect(access(unassigned, customer(), 'devices', now).level).toBe('none');
  });

  it('lets partner-level administrators edit directory synchronization, users read-only or not', () => {
    const administrator = partnerPerson(['partner_administrator']);
    expect(access(administrator, customer(), 'users.directory_synchronization', now).level).toBe('write');
    expect(access(administrator, customer(), 'users.details', now).level).toBe('read');
  });

  it('tells the row and the end of a session or grant as the reason', () => {
    const elevated = partnerPerson(['help_desk_advanced'], {}, [...session, ...grant]);
    expect(access(elevated, customer(), 'devices', now).reasons).toEqual([
      { kind: 'grant', id: 'the-grant', level: 'write', until: minutes(50) },
      { kind: 'session', id: 'the-session', level: 'read', until: minutes(50) },
    ]);
  });
});

describe('temporary access', () => {
  it.each([
    ['before its start', { startsAt: minutes(1) }],
    ['at its end', { expiresAt: now }],
    ['after it was revoked', { endedAt: minutes(-1) }],
    ['for another customer', { organizationId: 'other' }],
    ['for another partner', { partnerId: 'rival' }],
  ])('gives nothing %s', (_, changes) => {
    const subject = partnerPerson(['help_desk_advanced'], {}, [
      temporary('elevation', changes),
      temporary('help_desk_session', changes),
    ]);
    expect(access(subject, customer(), 'devices', now).level).toBe('none');
  });

  it('ends when the agent loses the role or the membership', () => {
    expect(access(partnerPerson([], {}, grant), customer(), 'devices', now).level).toBe('none');
    expect(access(person('partner-person', [], grant), customer(), 'devices', now).level).toBe('none');
  });

  it('does not combine the role at one partner with a grant for another', () => {
    const rival = membership('rival', 'partner', { administratorRoles: ['help_desk_advanced'] });
    const target = customer({ relationships: [relationship(), relationship({ id: 'r2', partnerId: 'rival' })] });
    expect(access(person('agent', [rival], grant), target, 'devices', now).level).toBe('none');
  });
});

describe('provisioning administrator', () => {
  const provisioner = partnerPerson([], { assignedCustomerIds: [], provisioningCustomerIds: ['acme'] });

  it.each(customerSide.filter(({ role }) => role === 'partner_administrator'))(
    'gives $level on $setting, like a partner administrator',
    ({ setting, level }) => {
      expect(access(provisioner, customer(), setting, now).level).toBe(level);
    },
  );

  it('has no trials, nor any other customer', () => {
    expect(access(provisioner, partner(), 'partner.trials', now).level).toBe('none');
    const other = customer({ id: 'other', relationships: [relationship({ customerId: 'other' })] });
    expect(access(provisioner, other, 'devices', now).level).toBe('none');
  });

  it('ends with the relationship', () => {
    const over = customer({ relationships: [relationship({ activeUntil: now })] });
    expect(access(provisioner, over, 'devices', now).level).toBe('none');
  });

  it('works through an external relationship only for the person it was approved for, until the date set', () => {
    const target = customer({ relationships: [relationship({ origin: 'external_administrator' })] });
    const home = membership('partner', 'partner');
    const approved = (until: Date) =>
      person('approved', [
        home,
        membership('acme', 'customer', { kind: 'external', provisioningCustomerIds: ['acme'], until }),
      ]);
    expect(access(provisioner, target, 'devices', now).level).toBe('none');
    expect(access(approved(minutes(5)), target, 'devices', now)).toMatchObject({
      level: 'write',
      reasons: [{ kind: 'role', id: 'provisioning_administrator', until: minutes(5) }],
    });
    expect(access(approved(now), target, 'devices', now).level).toBe('none');
  });
});

describe('customer list', () => {
  it.each([
    ['partner_full_administrator', { scope: 'all' }],
    ['partner_administrator', { scope: 'some', customerIds: ['acme'] }],
    ['partner_read_only_administrator', { scope: 'all' }],
    ['help_desk_basic', { scope: 'all' }],
    ['help_desk_advanced', { scope: 'all' }],
    ['full_administrator', { scope: 'none' }],
  ] as const)('shows %s what the role lists, without a session', (role, list) => {
    expect(listedCustomers(partnerPerson([role]), 'partner', now)).toEqual(list);
    expect(listedCustomers(partnerPerson([role]), 'rival', now)).toEqual({ scope: 'none' });
  });
});
