/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the story it serves */
import { describe, expect, it } from '@jest/globals';
import {
  administratorsToTell,
  attachmentRole,
  externalAdministrationPartners,
  externalAdministratorRoles,
  mayApproveExternalAdministrator,
  mayAttachWithoutApproval,
  mayBecomeExternalAdministrator,
  mayMakeAdministratorOf,
  mayManageExternalAdministrators,
  mayRequestExternalAdministration,
} from './external-administrator.ts';
import { allowed, refused } from './ruling.ts';
import {
  customer,
  customerPerson,
  membership,
  minutes,
  now,
  partner,
  partnerPerson,
  person,
  relationship,
  temporary,
} from './subjects.fixture.ts';

const withoutPartner = customer({ relationships: [] });
const unassigned = partnerPerson(['partner_administrator'], { assignedCustomerIds: [] });

describe('the back door to further external administrators', () => {
  const external = (...more: ReturnType<typeof membership>[]) =>
    person('external', [
      membership('acme', 'customer', { kind: 'external', administratorRoles: ['full_administrator'] }),
      ...more,
    ]);
  const atHome = (roles: Parameters<typeof partnerPerson>[0]) => partnerPerson(roles).memberships;
  const right = allowed('full_administrator');
  const none = { allowed: false, code: 'external_administrator' };
  const partnersPerson = { worksForPartner: true };
  const customersPerson = { worksForPartner: false };
  const full = ['full_administrator'] as const;

  it.each([
    ['an external administrator, to a person of a partner', external(), partnersPerson, full, none],
    [
      'one whose own role at the partner gives no right',
      external(...atHome(['help_desk_advanced'])),
      partnersPerson,
      full,
      none,
    ],
    [
      'one who may by the partner that manages the customer',
      external(...atHome(['partner_full_administrator'])),
      partnersPerson,
      full,
      'beside',
    ],
    ['an external administrator, to the customer’s own person', external(), customersPerson, full, right],
    ['an external administrator, no administrator role', external(), partnersPerson, [], right],
    ['the customer’s own full administrator', customerPerson(['full_administrator']), partnersPerson, full, right],
  ] as const)('%s', (_, subject, invited, gained, expected) => {
    const ruling = mayMakeAdministratorOf(subject, customer(), invited, gained, now, right);
    expect(ruling).toEqual(expected === 'beside' ? { allowed: true, by: 'partner_full_administrator' } : expected);
  });

  it('opens to nobody whose right was refused', () => {
    const refusal = refused('may_not_assign_administrator_roles');
    expect(mayMakeAdministratorOf(external(), customer(), customersPerson, full, now, refusal)).toEqual(refusal);
  });
});

describe('who asks to administer a customer', () => {
  it('lets a partner administrator without access ask, managed customer or not', () => {
    const by = { allowed: true, by: 'partner_administrator' };
    expect(mayRequestExternalAdministration(unassigned, 'partner', withoutPartner, now)).toEqual(by);
    expect(mayRequestExternalAdministration(unassigned, 'partner', customer(), now)).toEqual(by);
    const full = partnerPerson(['partner_full_administrator']);
    expect(mayRequestExternalAdministration(full, 'partner', withoutPartner, now).allowed).toBe(true);
  });

  it('refuses other roles, other partners and targets that are no customers', () => {
    const refusal = { allowed: false, code: 'not_partner_administrator' };
    const helpDesk = partnerPerson(['help_desk_advanced', 'full_administrator', 'partner_read_only_administrator']);
    expect(mayRequestExternalAdministration(helpDesk, 'partner', withoutPartner, now)).toEqual(refusal);
    expect(mayRequestExternalAdministration(unassigned, 'rival', withoutPartner, now)).toEqual(refusal);
    expect(mayRequestExternalAdministration(unassigned, 'partner', partner({ id: 'other' }), now)).toEqual({
      allowed: false,
      code: 'not_a_customer',
    });
  });

  it('refuses who has access already, but does not count temporary access', () => {
    const refusal = { allowed: false, code: 'has_access_already' };
    const external = membership('acme', 'customer', {
      kind: 'external',
      administratorRoles: ['read_only_administrator'],
    });
    const requester = (...more: ReturnType<typeof membership>[]) =>
      person('requester', [...unassigned.memberships, ...more]);
    expect(
      mayRequestExternalAdministration(partnerPerson(['partner_administrator']), 'partner', customer(), now),
    ).toEqual(refusal);
    expect(mayRequestExternalAdministration(requester(external), 'partner', withoutPartner, now)).toEqual(refusal);
    expect(
      mayRequestExternalAdministration(requester(membership('acme', 'customer')), 'partner', withoutPartner, now),
    ).toEqual(refusal);
    expect(
      mayRequestExternalAdministration(requester({ ...external, until: now }), 'partner', withoutPartner, now).allowed,
    ).toBe(true);
    const agent = partnerPerson(['partner_administrator', 'help_desk_basic'], { assignedCustomerIds: [] }, [
      temporary('help_desk_session'),
    ]);
    expect(mayRequestExternalAdministration(agent, 'partner', customer(), now).allowed).toBe(true);
  });

  it('judges the requester alone where nobody knows the customer', () => {
    expect(mayRequestExternalAdministration(unassigned, 'partner', null, now).allowed).toBe(true);
    const helpDesk = partnerPerson(['help_desk_advanced']);
    expect(mayRequestExternalAdministration(helpDesk, 'partner', null, now)).toEqual({
      allowed: false,
      code: 'not_partner_administrator',
    });
  });

  it('names the partners somebody may ask for', () => {
    const requester = person('requester', [
      ...unassigned.memberships,
      membership('rival', 'partner', { administratorRoles: ['partner_full_administrator'] }),
      membership('third', 'partner', { administratorRoles: ['help_desk_basic'] }),
    ]);
    expect(externalAdministrationPartners(requester, now)).toEqual(['partner', 'rival']);
  });

  it('refuses people of the consumer organization', () => {
    const consumer = person('requester', [...unassigned.memberships, membership('consumers', 'consumer')]);
    expect(mayRequestExternalAdministration(consumer, 'partner', withoutPartner, now)).toEqual({
      allowed: false,
      code: 'consumer_account',
    });
    expect(mayBecomeExternalAdministrator(unassigned, now, { consumer: true })).toEqual({
      allowed: false,
      code: 'consumer_account',
    });
    expect(mayBecomeExternalAdministrator(unassigned, now, { consumer: false }).allowed).toBe(true);
  });
});

describe('approval', () => {
  const request = {
    requesterId: 'requester',
    partnerId: 'partner',
    organizationId: 'acme',
    requesterEmails: ['Ann@partner.example', 'ann@x.example'],
  };
  const approver = customerPerson(['full_administrator']);
  const choice = { email: ' ann@PARTNER.example ', role: 'full_administrator' };
  const judge = (changes: Partial<typeof choice & { until: Date }>, target = customer(), subject = approver) =>
    mayApproveExternalAdministrator(subject, target, request, { ...choice, ...changes }, now);

  it('offers full or provisioning where the partner manages the subscription, else full or read-only', () => {
    expect(externalAdministratorRoles(customer(), 'partner', now)).toEqual([
      'full_administrator',
      'provisioning_administrator',
    ]);
    expect(externalAdministratorRoles(customer(), 'rival', now)).toEqual([
      'full_administrator',
      'read_only_administrator',
    ]);
    expect(judge({ role: 'provisioning_administrator' }).allowed).toBe(true);
    expect(judge({ role: 'read_only_administrator' })).toEqual({ allowed: false, code: 'role_not_available' });
    expect(judge({ role: 'read_only_administrator' }, withoutPartner).allowed).toBe(true);
    expect(judge({ role: 'provisioning_administrator' }, withoutPartner)).toEqual({
      allowed: false,
      code: 'role_not_available',
    });
  });

  it('asks for the requester’s address, an alias included', () => {
    expect(judge({})).toEqual({ allowed: true, by: 'full_administrator' });
    expect(judge({ email: 'ann@x.example' }).allowed).toBe(true);
    expect(judge({ email: 'bob@partner.example' })).toEqual({ allowed: false, code: 'address_not_confirmed' });
  });

  it('takes an end in the future only', () => {
    expect(judge({ until: minutes(1) }).allowed).toBe(true);
    expect(judge({ until: now })).toEqual({ allowed: false, code: 'invalid_request' });
  });

  it('is for home full administrators: an external one approves, adds and changes nothing', () => {
    const external = customerPerson(['full_administrator'], null, { kind: 'external' });
    expect(judge({}, customer(), external)).toEqual({ allowed: false, code: 'approver_not_full_administrator' });
    expect(judge({}, customer(), { ...approver, accountId: 'requester' })).toEqual({
      allowed: false,
      code: 'approver_is_requester',
    });
    expect(mayManageExternalAdministrators(external, 'acme', now)).toEqual({
      allowed: false,
      code: 'external_administrator',
    });
    expect(mayManageExternalAdministrators(customerPerson(['read_only_administrator'], 'owner'), 'acme', now)).toEqual({
      allowed: false,
      code: 'not_full_administrator',
    });
    expect(mayManageExternalAdministrators(approver, 'acme', now).allowed).toBe(true);
  });

  it('is not for members of the partner that asks', () => {
    const onBothSides = person('both', [...approver.memberships, membership('partner', 'partner')]);
    expect(judge({}, customer(), onBothSides)).toEqual({ allowed: false, code: 'approver_in_requesting_partner' });
    const elsewhere = person('both', [...approver.memberships, membership('rival', 'partner')]);
    expect(judge({}, customer(), elsewhere).allowed).toBe(true);
  });
});

describe('who is told', () => {
  const seven = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];

  it('tells the addressed administrator and five others', () => {
    expect(administratorsToTell(seven, 'g')).toEqual(['g', 'a', 'b', 'c', 'd', 'e']);
    expect(administratorsToTell(seven, null)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(administratorsToTell(seven, 'nobody here')).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(administratorsToTell(['a'], 'a')).toEqual(['a']);
  });
});

describe('attaching without approval', () => {
  const small = { users: 99, verifiedDomains: 0, claimedDomains: 0, activeLicences: 1 };

  it.each([
    [true, withoutPartner, small, null],
    [false, withoutPartner, small, 'approval_required'],
    [true, customer(), small, 'customer_has_partner'],
    [
      true,
      customer({ relationships: [relationship({ origin: 'external_administrator' })] }),
      small,
      'customer_has_partner',
    ],
    [true, withoutPartner, { ...small, users: 100 }, 'customer_too_large'],
    [true, withoutPartner, { ...small, verifiedDomains: 1 }, 'customer_has_verified_domain'],
    [true, withoutPartner, { ...small, claimedDomains: 1 }, 'customer_has_claimed_domain'],
  ])('deployment allows: %s', (allows, target, facts, code) => {
    expect(mayAttachWithoutApproval(allows, target, facts, now)).toEqual(
      code === null ? { allowed: true, by: 'deployment_policy' } : { allowed: false, code },
    );
  });

  it('makes a provisioning administrator, a full one where there is no active licence', () => {
    expect(attachmentRole(small)).toBe('provisioning_administrator');
    expect(attachmentRole({ ...small, activeLicences: 0 })).toBe('full_administrator');
  });
});
