/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the story it serves */
import { describe, expect, it } from '@jest/globals';
import { isEligibleApprover, mayDecide, maySeeRequest, mayWithdraw, seesAsDecidingSide } from './approval.ts';
import { mayReturnGrant, mayRevokeGrant } from './grant.ts';
import { partnerRoles } from './roles.ts';
import { customerPerson, membership, minutes, now, partnerPerson, person, supporter } from './subjects.fixture.ts';

const request = { requesterId: 'partner-person', partnerId: 'partner', organizationId: 'acme' };

describe('who approves', () => {
  it('lets a home full administrator of the customer decide', () => {
    expect(isEligibleApprover(customerPerson(['full_administrator']), request, now)).toEqual({
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
    expect(isEligibleApprover(candidate, request, now)).toEqual({
      allowed: false,
      code: 'approver_not_full_administrator',
    });
  });

  it('refuses the requester, though a full administrator of the customer', () => {
    const agent = { ...customerPerson(['full_administrator']), accountId: 'partner-person' };
    expect(isEligibleApprover(agent, request, now)).toEqual({ allowed: false, code: 'approver_is_requester' });
  });

  it('refuses a member of the requesting partner, home or external, but not of another', () => {
    const alsoIn = (organizationId: string, kind: 'home' | 'external') =>
      person('both', [
        ...customerPerson(['full_administrator']).memberships,
        membership(organizationId, 'partner', { kind }),
      ]);
    const refusal = { allowed: false, code: 'approver_in_requesting_partner' };
    expect(isEligibleApprover(alsoIn('partner', 'home'), request, now)).toEqual(refusal);
    expect(isEligibleApprover(alsoIn('partner', 'external'), request, now)).toEqual(refusal);
    expect(isEligibleApprover(alsoIn('rival', 'home'), request, now).allowed).toBe(true);
  });
});

describe('independence', () => {
  it('is judged by all that somebody belongs to, the right by what their session opens', () => {
    const administrator = customerPerson(['full_administrator']);
    const onBothSides = person('both', [...administrator.memberships, membership('partner', 'partner')]);
    const inSession = { ...administrator, accountId: 'both' };
    expect(mayDecide({ inSession, inAll: onBothSides }, request, now)).toEqual({
      allowed: false,
      code: 'approver_in_requesting_partner',
    });
    expect(mayDecide({ inSession: person('both', []), inAll: inSession }, request, now)).toEqual({
      allowed: false,
      code: 'approver_not_full_administrator',
    });
    expect(mayDecide({ inSession, inAll: inSession }, request, now).allowed).toBe(true);
  });

  it('asks of no partner where somebody asks within their own organization', () => {
    const within = { requesterId: 'colleague', partnerId: null, organizationId: 'acme' };
    expect(isEligibleApprover(customerPerson(['full_administrator']), within, now).allowed).toBe(true);
    expect(maySeeRequest(partnerPerson(['partner_full_administrator']), within, now).allowed).toBe(false);
  });
});

describe('who ends and who sees it', () => {
  it('lets any home full administrator of the customer revoke, nobody else', () => {
    expect(mayRevokeGrant(customerPerson(['full_administrator']), request, now).allowed).toBe(true);
    for (const other of [
      customerPerson(['read_only_administrator']),
      customerPerson(['full_administrator'], null, { kind: 'external' }),
      partnerPerson(['full_administrator', ...partnerRoles]),
    ])
      expect(mayRevokeGrant(other, request, now)).toEqual({ allowed: false, code: 'not_full_administrator' });
  });

  it('lets only the agent cancel and return', () => {
    const agent = partnerPerson([]);
    const holder = { holderId: 'partner-person' };
    expect(mayWithdraw(agent, request).allowed).toBe(true);
    expect(mayReturnGrant(agent, holder).allowed).toBe(true);
    const refusal = { allowed: false, code: 'not_your_request' };
    expect(mayWithdraw(customerPerson(['full_administrator']), request)).toEqual(refusal);
    expect(mayReturnGrant(customerPerson(['full_administrator']), holder)).toEqual(refusal);
  });

  it('shows it to both sides, and to nobody else', () => {
    for (const involved of [
      partnerPerson([]),
      customerPerson(['full_administrator']),
      customerPerson(['read_only_administrator']),
      { ...partnerPerson(['partner_full_administrator']), accountId: 'manager' },
    ])
      expect(maySeeRequest(involved, request, now).allowed).toBe(true);
    for (const stranger of [
      customerPerson(['device_administrator'], 'owner'),
      { ...partnerPerson(['help_desk_advanced']), accountId: 'colleague' },
      supporter,
    ])
      expect(maySeeRequest(stranger, request, now)).toEqual({ allowed: false, code: 'not_involved' });
  });
});

describe('who sees a request', () => {
  const asked = { requesterId: 'requester', partnerId: 'partner', organizationId: 'acme' };
  const external = customerPerson(['full_administrator'], null, { kind: 'external' });

  it.each([
    ['the requester', person('requester', []), 'requester', false],
    ['a full administrator of the customer', customerPerson(['full_administrator']), 'full_administrator', true],
    [
      'a read-only administrator of the customer',
      customerPerson(['read_only_administrator']),
      'read_only_administrator',
      true,
    ],
    ['an Owner of the customer without that role', customerPerson([], 'owner'), null, false],
    ['an external administrator of the customer', external, null, false],
    ['a full administrator of the partner', partnerPerson(['full_administrator']), 'full_administrator', false],
    [
      'a partner full administrator',
      partnerPerson(['partner_full_administrator']),
      'partner_full_administrator',
      false,
    ],
    ['a colleague of the requester', partnerPerson(['partner_administrator', 'help_desk_advanced']), null, false],
    ['a stranger', person('stranger', [membership('rival', 'partner')]), null, false],
  ])('%s', (_who, subject, by, asDecidingSide) => {
    expect(maySeeRequest(subject, asked, now)).toEqual(
      by === null ? { allowed: false, code: 'not_involved' } : { allowed: true, by },
    );
    expect(seesAsDecidingSide(subject, asked, now)).toBe(asDecidingSide);
  });

  it('shows a request that reached nobody to the partner’s side alone', () => {
    const unknown = { ...asked, organizationId: null };
    expect(maySeeRequest(customerPerson(['full_administrator']), unknown, now).allowed).toBe(false);
    expect(maySeeRequest(person('requester', []), unknown, now).allowed).toBe(true);
  });
});
