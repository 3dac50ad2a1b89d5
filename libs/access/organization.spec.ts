import { describe, expect, it } from '@jest/globals';
import {
  firstPersonRoles,
  knowsOrganization,
  mayChangeOrganization,
  mayCreateCustomer,
  mayCreateOrganization,
  mayCreateRelationship,
  mayReissueFirstInvite,
  type OrganizationField,
} from './organization.ts';
import { administratorRoles } from './roles.ts';
import {
  customer,
  customerPerson,
  now,
  partner,
  partnerPerson,
  person,
  relationship,
  supporter,
} from './subjects.fixture.ts';

describe('creating organizations', () => {
  it('is the support team’s, for partners and customers', () => {
    expect(mayCreateOrganization(supporter, 'partner', now)).toEqual({ allowed: true, by: 'support' });
    expect(mayCreateOrganization(supporter, 'customer', now).allowed).toBe(true);
    for (const kind of ['platform', 'consumer'] as const)
      expect(mayCreateOrganization(supporter, kind, now)).toEqual({ allowed: false, code: 'kind_not_created' });
    expect(mayCreateOrganization(partnerPerson(['full_administrator']), 'customer', now)).toEqual({
      allowed: false,
      code: 'support_only',
    });
    expect(mayReissueFirstInvite(supporter, now).allowed).toBe(true);
    expect(mayReissueFirstInvite(customerPerson(['full_administrator'], 'owner'), now).allowed).toBe(false);
  });

  it.each(administratorRoles.map((role) => ({ role })))('under a partner, judges $role', ({ role }) => {
    const may = role === 'partner_full_administrator' || role === 'partner_administrator';
    expect(mayCreateCustomer(partnerPerson([role]), partner(), now).allowed).toBe(may);
    expect(mayCreateCustomer(partnerPerson([role]), partner({ id: 'rival' }), now).allowed).toBe(false);
    expect(mayCreateCustomer(partnerPerson([role]), customer(), now)).toEqual({
      allowed: false,
      code: 'not_a_partner',
    });
  });

  it('makes the first person Owner and full administrator, in a partner partner full administrator, too', () => {
    expect(firstPersonRoles).toEqual({
      customer: { workspaceRole: 'owner', administratorRoles: ['full_administrator'] },
      partner: { workspaceRole: 'owner', administratorRoles: ['full_administrator', 'partner_full_administrator'] },
    });
  });
});

describe('bringing in a further partner', () => {
  it('is the support team’s, between a partner and a customer', () => {
    expect(mayCreateRelationship(supporter, partner(), customer(), now)).toEqual({ allowed: true, by: 'support' });
    expect(mayCreateRelationship(supporter, customer(), customer(), now)).toEqual({
      allowed: false,
      code: 'not_a_partner',
    });
    expect(mayCreateRelationship(supporter, partner(), partner(), now)).toEqual({
      allowed: false,
      code: 'not_a_customer',
    });
    for (const subject of [partnerPerson([...administratorRoles]), customerPerson([...administratorRoles], 'owner')])
      expect(mayCreateRelationship(subject, partner(), customer(), now)).toEqual({
        allowed: false,
        code: 'support_only',
      });
  });
});

describe('changing an organization', () => {
  const full = customerPerson(['full_administrator']);
  const owner = customerPerson([], 'owner');
  const manager = partnerPerson(['partner_full_administrator']);
  const restricted = customer({ restrictedMode: true });

  it.each([
    ['name', 'a full administrator', full, customer(), true],
    ['name', 'a full administrator in restricted mode', full, restricted, false],
    ['name', 'the partner in restricted mode', manager, restricted, true],
    ['name', 'an Owner', owner, customer(), false],
    ['login_methods', 'a full administrator', full, customer(), true],
    ['login_methods', 'a full administrator in restricted mode', full, restricted, false],
    ['login_methods', 'an Owner in restricted mode', owner, restricted, true],
    ['login_methods', 'Full access', customerPerson([], 'full_access'), customer(), false],
    ['features', 'support', supporter, customer(), true],
    ['features', 'a full administrator', full, customer(), false],
    ['policy', 'a full administrator', full, restricted, true],
    ['policy', 'an Owner', owner, customer(), true],
    [
      'policy',
      'a read-only administrator',
      customerPerson(['read_only_administrator'], 'full_access'),
      customer(),
      false,
    ],
    ['policy', 'the partner', manager, customer(), false],
    ['policy', 'support', supporter, customer(), false],
  ] as const)('%s by %s', (field, _, subject, target, allowed) => {
    expect(mayChangeOrganization(subject, target, field satisfies OrganizationField, now).allowed).toBe(allowed);
  });
});

describe('restricted administrator mode', () => {
  const restricted = customer({ restrictedMode: true });

  it.each([
    ['the name', 'name', customerPerson(['full_administrator']), 'restricted_administrator_mode'],
    ['sign-in', 'login_methods', customerPerson(['full_administrator']), 'restricted_administrator_mode'],
    ['the name, for a reader', 'name', customerPerson(['read_only_administrator']), 'may_not_change_name'],
    ['the name, for an Owner', 'name', customerPerson([], 'owner'), 'may_not_change_name'],
  ] as const)('is the reason only where nothing else is: %s', (_, field, subject, code) => {
    expect(mayChangeOrganization(subject, restricted, field, now)).toEqual({ allowed: false, code });
  });
});

describe('having to do with an organization', () => {
  const ended = customer({ relationships: [relationship({ activeUntil: now })] });

  it.each([
    ['their own people', customerPerson([]), customer(), true],
    ['people of the partner', partnerPerson([]), customer(), true],
    ['people of a partner that was', partnerPerson([]), ended, false],
    ['support', supporter, customer(), true],
    ['somebody who belongs nowhere', person('nobody', []), customer(), false],
  ] as const)('%s', (_, subject, target, known) => {
    expect(knowsOrganization(subject, target, now)).toBe(known);
  });
});
