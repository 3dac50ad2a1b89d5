import { describe, expect, it } from '@jest/globals';
import {
  keepsAssignment,
  mayAssignAdministratorRoles,
  mayAssignCustomers,
  mayEndRelationship,
  maySeeRelationships,
  maySetUpServices,
  maySwitchRestrictedMode,
  serviceSetupPartners,
} from './administrators.ts';
import { administratorRoles, organizationRoles, type AdministratorRole } from './roles.ts';
import type { Ruling, Subject } from './subject.ts';
import {
  appointment,
  customer,
  customerPerson,
  member,
  membership,
  now,
  partner,
  partnerPerson,
  person,
  relationship,
  supporter,
  temporary,
} from './subjects.fixture.ts';

const colleague = (roles: readonly AdministratorRole[] = [], changes: Parameters<typeof member>[1] = {}) =>
  member(membership('partner', 'partner', { administratorRoles: roles }), changes);
const employee = (roles: readonly AdministratorRole[] = [], changes: Parameters<typeof member>[1] = {}) =>
  member(membership('acme', 'customer', { administratorRoles: roles }), changes);

describe('assigning administrator roles', () => {
  it.each(administratorRoles.map((role) => ({ role })))('in a partner, judges an assigner with $role', ({ role }) => {
    const may = role === 'full_administrator' || role === 'partner_full_administrator';
    for (const given of administratorRoles)
      expect(mayAssignAdministratorRoles(partnerPerson([role]), partner(), colleague(), [given], now)).toEqual(
        may ? { allowed: true, by: role } : { allowed: false, code: 'may_not_assign_administrator_roles' },
      );
  });

  it.each(administratorRoles.map((role) => ({ role })))(
    'on a customer, judges an assigner of its partner with $role',
    ({ role }) => {
      const may = role === 'partner_full_administrator' || role === 'partner_administrator';
      const grants = [temporary('elevation'), temporary('help_desk_session')];
      const ruling = mayAssignAdministratorRoles(
        partnerPerson([role], {}, grants),
        customer(),
        employee(),
        ['device_administrator'],
        now,
      );
      expect(ruling.allowed).toBe(may);
    },
  );

  it('on a customer, lets its own full administrators assign, restricted mode or not', () => {
    for (const role of organizationRoles) {
      const ruling = mayAssignAdministratorRoles(
        customerPerson([role]),
        customer({ restrictedMode: true }),
        employee(),
        ['device_administrator'],
        now,
      );
      expect(ruling.allowed).toBe(role === 'full_administrator');
    }
    expect(mayAssignAdministratorRoles(customerPerson([], 'owner'), customer(), employee(), [], now).allowed).toBe(
      false,
    );
    expect(mayAssignAdministratorRoles(supporter, customer(), employee(), [], now).allowed).toBe(false);
  });

  it('keeps customer-management roles within partner organizations', () => {
    expect(
      mayAssignAdministratorRoles(
        customerPerson(['full_administrator']),
        customer(),
        employee(),
        ['help_desk_basic'],
        now,
      ),
    ).toEqual({
      allowed: false,
      code: 'partner_role_outside_partner',
    });
  });

  it('never takes the last full administrator’s role', () => {
    const last = employee(['full_administrator'], { isLastFullAdministrator: true });
    for (const to of [[], ['read_only_administrator']] as const)
      expect(mayAssignAdministratorRoles(customerPerson(['full_administrator']), customer(), last, to, now)).toEqual({
        allowed: false,
        code: 'last_full_administrator',
      });
    expect(
      mayAssignAdministratorRoles(
        customerPerson(['full_administrator']),
        customer(),
        last,
        ['full_administrator', 'compliance_officer'],
        now,
      ).allowed,
    ).toBe(true);
  });

  it('gives roles to others: one’s own can only be laid down', () => {
    const self = employee(['full_administrator', 'device_administrator'], { accountId: 'customer-person' });
    const judge = (to: AdministratorRole[]) =>
      mayAssignAdministratorRoles(
        customerPerson(['full_administrator', 'device_administrator']),
        customer(),
        self,
        to,
        now,
      );
    expect(judge(['full_administrator', 'compliance_officer'])).toEqual({ allowed: false, code: 'own_role' });
    expect(judge(['full_administrator']).allowed).toBe(true);
  });

  it('lets a home full administrator change an external one between full and read-only', () => {
    const external = member(
      membership('acme', 'customer', { kind: 'external', administratorRoles: ['full_administrator'] }),
      {
        isLastFullAdministrator: true,
      },
    );
    const judge = (to: AdministratorRole[], subject = customerPerson(['full_administrator'])) =>
      mayAssignAdministratorRoles(subject, customer(), external, to, now);
    expect(judge(['read_only_administrator']).allowed).toBe(true);
    expect(judge(['compliance_officer'])).toEqual({ allowed: false, code: 'role_not_available' });
    expect(judge(['read_only_administrator'], partnerPerson(['partner_full_administrator'])).allowed).toBe(false);
  });

  const partnersChoice = appointment('customer-person', { founding: false, partnerIds: [] });
  const confirmed = [{ ...partnersChoice, backedBy: ['appointment-of-maria'] }, appointment('maria')];
  const work = membership('partner', 'partner');
  it.each<[string, Subject, Ruling]>([
    ['a founding administrator', customerPerson(['full_administrator']), { allowed: true, by: 'full_administrator' }],
    [
      'one whom a founding one confirmed',
      customerPerson(['full_administrator'], null, { appointments: confirmed }),
      { allowed: true, by: 'full_administrator' },
    ],
    [
      "a partner's choice whom nobody confirmed",
      customerPerson(['full_administrator'], null, { appointments: [partnersChoice] }),
      { allowed: false, code: 'approver_not_confirmed' },
    ],
    [
      'one who belongs to the partner',
      { ...customerPerson(['full_administrator']), closedMemberships: [work] },
      { allowed: false, code: 'approver_in_requesting_partner' },
    ],
  ])('lets an external member be made full administrator as approving does: %s', (_, subject, ruling) => {
    const judge = (from: AdministratorRole, to: AdministratorRole) => {
      const external = membership('acme', 'customer', { kind: 'external', administratorRoles: [from] });
      return mayAssignAdministratorRoles(subject, customer(), member(external), [to], now);
    };
    expect(judge('read_only_administrator', 'full_administrator')).toEqual(ruling);
    // To take away, one need not be confirmed.
    expect(judge('full_administrator', 'read_only_administrator').allowed).toBe(true);
  });
});

describe('assigning customers', () => {
  const administrator = colleague(['partner_administrator']);

  it.each(administratorRoles.map((role) => ({ role })))('judges $role', ({ role }) => {
    expect(mayAssignCustomers(partnerPerson([role]), 'partner', administrator, [customer()], now).allowed).toBe(
      role === 'partner_full_administrator',
    );
  });

  it('is to partner administrators, and of the partner’s customers', () => {
    const assigner = partnerPerson(['partner_full_administrator']);
    expect(mayAssignCustomers(assigner, 'partner', colleague(['help_desk_basic']), [customer()], now)).toEqual({
      allowed: false,
      code: 'member_not_partner_administrator',
    });
    const foreign = customer({ relationships: [relationship({ partnerId: 'rival' })] });
    expect(mayAssignCustomers(assigner, 'partner', administrator, [customer(), foreign], now)).toEqual({
      allowed: false,
      code: 'no_provisioned_relationship',
    });
    expect(mayAssignCustomers(assigner, 'partner', administrator, [], now).allowed).toBe(true);
    // A customer assigned before may stay on the list while the relationship rests.
    const kept = member(
      membership('partner', 'partner', {
        administratorRoles: ['partner_administrator'],
        assignedCustomerIds: ['acme'],
      }),
    );
    const resting = customer({ relationships: [relationship({ activeUntil: now })] });
    expect(mayAssignCustomers(assigner, 'partner', kept, [resting], now).allowed).toBe(true);
    expect(mayAssignCustomers(assigner, 'rival', administrator, [customer()], now).allowed).toBe(false);
  });
});

describe('setting up services', () => {
  it.each(administratorRoles.map((role) => ({ role })))('judges somebody of the partner with $role', ({ role }) => {
    const may = role === 'partner_full_administrator' || role === 'partner_administrator';
    expect(maySetUpServices(partnerPerson([role]), 'partner', customer(), now)).toEqual(
      may ? { allowed: true, by: role } : { allowed: false, code: 'not_partner_level_administrator' },
    );
  });

  it('needs lasting write access, which an hour of help desk is not', () => {
    const unassigned = partnerPerson(['partner_administrator', 'help_desk_advanced'], { assignedCustomerIds: [] }, [
      temporary('elevation'),
    ]);
    expect(maySetUpServices(unassigned, 'partner', customer(), now)).toEqual({
      allowed: false,
      code: 'not_partner_level_administrator',
    });
  });

  it('needs an organization that exists as a customer and has a relationship with the partner', () => {
    const administrator = partnerPerson(['partner_full_administrator']);
    expect(maySetUpServices(administrator, 'partner', partner(), now)).toEqual({
      allowed: false,
      code: 'not_a_customer',
    });
    expect(maySetUpServices(administrator, 'partner', customer({ relationships: [] }), now)).toEqual({
      allowed: false,
      code: 'no_provisioned_relationship',
    });
    expect(serviceSetupPartners(administrator, customer(), now)).toEqual(['partner']);
    expect(serviceSetupPartners(administrator, customer({ relationships: [] }), now)).toEqual([]);
  });
});

describe('a customer on somebody’s list', () => {
  // Which role of the partner keeps it there, by how it came there.
  it.each([
    ['assigned', 'partner_administrator', true],
    ['assigned', 'partner_full_administrator', false],
    ['provisioned', 'partner_administrator', true],
    ['provisioned', 'help_desk_advanced', false],
    ['service_setup', 'partner_administrator', true],
    ['service_setup', 'partner_full_administrator', true],
    ['service_setup', 'full_administrator', false],
  ] as const)('%s: %s keeps it there: %s', (source, role, keeps) => {
    expect(keepsAssignment(partnerPerson([role]), 'partner', source, customer(), now)).toBe(keeps);
    expect(keepsAssignment(partnerPerson([role]), 'partner', source, customer({ relationships: [] }), now)).toBe(false);
  });

  it('stays by an external relationship where services were set up, not where it was assigned', () => {
    const administrator = partnerPerson(['partner_administrator']);
    const external = customer({ relationships: [relationship({ origin: 'external_administrator' })] });
    expect(keepsAssignment(administrator, 'partner', 'service_setup', external, now)).toBe(true);
    expect(keepsAssignment(administrator, 'partner', 'assigned', external, now)).toBe(false);
  });
});

describe('ending a relationship', () => {
  it('is for home full administrators of either side', () => {
    expect(mayEndRelationship(customerPerson(['full_administrator']), relationship(), now).allowed).toBe(true);
    expect(mayEndRelationship(partnerPerson(['full_administrator']), relationship(), now).allowed).toBe(true);
    for (const other of [
      partnerPerson(['partner_full_administrator']),
      customerPerson(['read_only_administrator'], 'owner'),
      customerPerson(['full_administrator'], null, { kind: 'external' }),
      person('x', [membership('other', 'customer', { administratorRoles: ['full_administrator'] })]),
    ])
      expect(mayEndRelationship(other, relationship(), now)).toEqual({
        allowed: false,
        code: 'not_full_administrator',
      });
  });
});

describe('seeing relationships', () => {
  it.each(administratorRoles.map((role) => ({ role })))('judges somebody of the customer with $role', ({ role }) => {
    const may = role === 'full_administrator' || role === 'read_only_administrator';
    expect(maySeeRelationships(customerPerson([role]), customer(), now).allowed).toBe(may);
  });
});

describe('switching restricted administrator mode', () => {
  it.each(administratorRoles.map((role) => ({ role })))('judges $role of the partner', ({ role }) => {
    const may = role === 'partner_full_administrator' || role === 'partner_administrator';
    const subject = partnerPerson([role], {}, [temporary('elevation')]);
    expect(maySwitchRestrictedMode(subject, customer(), now)).toEqual(
      may ? { allowed: true, by: role } : { allowed: false, code: 'not_partner_level_administrator' },
    );
  });

  it('is not for the customer, another partner, or a partner administrator of other customers', () => {
    const refusal = { allowed: false, code: 'not_partner_level_administrator' };
    const elsewhere = partnerPerson(['partner_administrator'], { assignedCustomerIds: ['other'] });
    expect(maySwitchRestrictedMode(customerPerson(['full_administrator'], 'owner'), customer(), now)).toEqual(refusal);
    expect(maySwitchRestrictedMode(elsewhere, customer(), now)).toEqual(refusal);
    const rival = customer({ relationships: [relationship({ partnerId: 'rival' })] });
    expect(maySwitchRestrictedMode(partnerPerson(['partner_full_administrator']), rival, now)).toEqual(refusal);
    expect(maySwitchRestrictedMode(partnerPerson(['partner_full_administrator']), partner(), now)).toEqual({
      allowed: false,
      code: 'not_a_customer',
    });
  });
});
