/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the story it serves */
import { describe, expect, it } from '@jest/globals';
import {
  elevationPartners,
  grantSeconds,
  isEligibleElevationApprover,
  mayCancelElevation,
  mayRequestElevation,
  mayReturnElevation,
  mayRevokeElevation,
  maySeeElevation,
} from './elevation.ts';
import { administratorRoles, partnerRoles } from './roles.ts';
import {
  customer,
  customerPerson,
  membership,
  minutes,
  now,
  partnerPerson,
  person,
  relationship,
  supporter,
} from './subjects.fixture.ts';

const request = { requesterAccountId: 'partner-person', partnerId: 'partner', customerId: 'acme' };

describe('who asks for elevation', () => {
  it.each(administratorRoles.map((role) => ({ role })))('judges $role', ({ role }) => {
    expect(mayRequestElevation(partnerPerson([role]), 'partner', customer(), now)).toEqual(
      role === 'help_desk_advanced'
        ? { allowed: true, by: 'help_desk_advanced' }
        : { allowed: false, code: 'not_help_desk_advanced' },
    );
  });

  it.each([
    ['no relationship', []],
    ['an ended one', [relationship({ activeUntil: now })]],
    ['an external one', [relationship({ origin: 'external_administrator' })]],
    ['another partner’s', [relationship({ partnerId: 'rival' })]],
  ])('refuses with %s', (_, relationships) => {
    expect(
      mayRequestElevation(partnerPerson(['help_desk_advanced']), 'partner', customer({ relationships }), now),
    ).toEqual({
      allowed: false,
      code: 'no_provisioned_relationship',
    });
  });

  it('refuses to ask in the name of a partner where the person has no such role', () => {
    expect(mayRequestElevation(partnerPerson(['help_desk_advanced']), 'rival', customer(), now)).toEqual({
      allowed: false,
      code: 'not_help_desk_advanced',
    });
  });

  it('names every partner a person may ask for', () => {
    const agent = person('agent', [
      membership('partner', 'partner', { administratorRoles: ['help_desk_advanced'] }),
      membership('rival', 'partner', { administratorRoles: ['help_desk_advanced'] }),
      membership('third', 'partner', { administratorRoles: ['help_desk_advanced'] }),
    ]);
    const target = customer({ relationships: [relationship(), relationship({ id: 'r2', partnerId: 'rival' })] });
    expect(elevationPartners(agent, target, now)).toEqual(['partner', 'rival']);
  });
});

describe('who approves', () => {
  it('lets a home full administrator of the customer decide', () => {
    expect(isEligibleElevationApprover(customerPerson(['full_administrator']), request, now)).toEqual({
      allowed: true,
      by: 'full_administrator',
    });
  });

  it.each([
    ['another administrator role', customerPerson(['read_only_administrator'], 'owner')],
    [
      'another organization',
      person('x', [membership('other', 'customer', { administratorRoles: ['full_administrator'] })]),
    ],
    ['an external membership', customerPerson(['full_administrator'], null, { kind: 'external' })],
    ['a membership that is over', customerPerson(['full_administrator'], null, { until: minutes(-1) })],
    ['the support team', supporter],
    ['the partner', { ...partnerPerson(['partner_full_administrator', 'full_administrator']), accountId: 'colleague' }],
  ])('refuses somebody of %s', (_, candidate) => {
    expect(isEligibleElevationApprover(candidate, request, now)).toEqual({
      allowed: false,
      code: 'approver_not_full_administrator',
    });
  });

  it('refuses the agent, though a full administrator of the customer', () => {
    const agent = { ...customerPerson(['full_administrator']), accountId: 'partner-person' };
    expect(isEligibleElevationApprover(agent, request, now)).toEqual({ allowed: false, code: 'approver_is_requester' });
  });

  it('refuses a member of the requesting partner, home or external, but not of another', () => {
    const alsoIn = (organizationId: string, kind: 'home' | 'external') =>
      person('both', [
        ...customerPerson(['full_administrator']).memberships,
        membership(organizationId, 'partner', { kind }),
      ]);
    const refusal = { allowed: false, code: 'approver_in_requesting_partner' };
    expect(isEligibleElevationApprover(alsoIn('partner', 'home'), request, now)).toEqual(refusal);
    expect(isEligibleElevationApprover(alsoIn('partner', 'external'), request, now)).toEqual(refusal);
    expect(isEligibleElevationApprover(alsoIn('rival', 'home'), request, now).allowed).toBe(true);
  });
});

describe('who ends and who sees it', () => {
  it('lets any home full administrator of the customer revoke, nobody else', () => {
    expect(mayRevokeElevation(customerPerson(['full_administrator']), request, now).allowed).toBe(true);
    for (const other of [
      customerPerson(['read_only_administrator']),
      customerPerson(['full_administrator'], null, { kind: 'external' }),
      partnerPerson(['full_administrator', ...partnerRoles]),
    ])
      expect(mayRevokeElevation(other, request, now)).toEqual({ allowed: false, code: 'not_full_administrator' });
  });

  it('lets only the agent cancel and return', () => {
    const agent = partnerPerson([]);
    const holder = { holderAccountId: 'partner-person' };
    expect(mayCancelElevation(agent, request).allowed).toBe(true);
    expect(mayReturnElevation(agent, holder).allowed).toBe(true);
    const refusal = { allowed: false, code: 'not_your_request' };
    expect(mayCancelElevation(customerPerson(['full_administrator']), request)).toEqual(refusal);
    expect(mayReturnElevation(customerPerson(['full_administrator']), holder)).toEqual(refusal);
  });

  it('shows it to both sides, and to nobody else', () => {
    for (const involved of [
      partnerPerson([]),
      customerPerson(['full_administrator']),
      customerPerson(['read_only_administrator']),
      { ...partnerPerson(['partner_full_administrator']), accountId: 'manager' },
    ])
      expect(maySeeElevation(involved, request, now).allowed).toBe(true);
    for (const stranger of [
      customerPerson(['device_administrator'], 'owner'),
      { ...partnerPerson(['help_desk_advanced']), accountId: 'colleague' },
      supporter,
    ])
      expect(maySeeElevation(stranger, request, now)).toEqual({ allowed: false, code: 'not_involved' });
  });
});

describe('how long a grant lasts', () => {
  it.each([
    [{ policyMaximum: 3600 }, 3600],
    [{ requested: 900, policyMaximum: 3600 }, 900],
    [{ requested: 900, approved: 1800, policyMaximum: 3600 }, 900],
    [{ requested: 1800, approved: 900, policyMaximum: 3600 }, 900],
    [{ requested: 7200, approved: 7200, policyMaximum: 3600 }, 3600],
    [{ requested: null, approved: null, policyMaximum: 3600 }, 3600],
  ])('%j is %d seconds', (given, seconds) => {
    expect(grantSeconds(given)).toBe(seconds);
  });
});
