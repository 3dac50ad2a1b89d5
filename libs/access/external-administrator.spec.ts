/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the story it serves */
import { describe, expect, it } from '@jest/globals';
import {
  attachmentRole,
  externalAdministratorRoles,
  mayApproveExternalAdministrator,
  mayAttachWithoutApproval,
  mayCancelExternalAdministratorRequest,
  mayManageExternalAdministrators,
  mayRequestExternalAdministration,
} from './external-administrator.ts';
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
    const asker = (...more: ReturnType<typeof membership>[]) => person('asker', [...unassigned.memberships, ...more]);
    expect(
      mayRequestExternalAdministration(partnerPerson(['partner_administrator']), 'partner', customer(), now),
    ).toEqual(refusal);
    expect(mayRequestExternalAdministration(asker(external), 'partner', withoutPartner, now)).toEqual(refusal);
    expect(
      mayRequestExternalAdministration(asker(membership('acme', 'customer')), 'partner', withoutPartner, now),
    ).toEqual(refusal);
    expect(
      mayRequestExternalAdministration(asker({ ...external, until: now }), 'partner', withoutPartner, now).allowed,
    ).toBe(true);
    const agent = partnerPerson(['partner_administrator', 'help_desk_basic'], { assignedCustomerIds: [] }, [
      temporary('help_desk_session'),
    ]);
    expect(mayRequestExternalAdministration(agent, 'partner', customer(), now).allowed).toBe(true);
  });

  it('refuses people of the consumer organization', () => {
    const consumer = person('asker', [...unassigned.memberships, membership('consumers', 'consumer')]);
    expect(mayRequestExternalAdministration(consumer, 'partner', withoutPartner, now)).toEqual({
      allowed: false,
      code: 'consumer_account',
    });
  });
});

describe('approval', () => {
  const request = {
    requesterAccountId: 'asker',
    partnerId: 'partner',
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

  it('asks for the asker’s address, an alias included', () => {
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
    expect(judge({}, customer(), { ...approver, accountId: 'asker' })).toEqual({
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

  it('is withdrawn by the asker only', () => {
    expect(mayCancelExternalAdministratorRequest({ ...approver, accountId: 'asker' }, request).allowed).toBe(true);
    expect(mayCancelExternalAdministratorRequest(approver, request)).toEqual({
      allowed: false,
      code: 'not_your_request',
    });
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
