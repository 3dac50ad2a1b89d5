import { describe, expect, it } from '@jest/globals';
import { inviteSight, knowsOf, organizationSight, peopleSight } from './sight.ts';
import {
  customer,
  customerPerson,
  membership,
  now,
  partner,
  partnerPerson,
  person,
  relationship,
  supporter,
  temporary,
} from './subjects.fixture.ts';

const ended = customer({ relationships: [relationship({ activeUntil: now })] });
const external = customer({ relationships: [relationship({ origin: 'external_administrator' })] });
const unassigned = { assignedCustomerIds: [] };
const session = [temporary('help_desk_session')];
const nobody = person('nobody', []);

describe('what is there for whom', () => {
  // Each row: the organization itself, its people, its invites.
  it.each([
    ['an Owner', customerPerson([], 'owner'), customer(), 'seen', 'seen', 'seen'],
    ['a read-only teammate', customerPerson([], 'read_only'), customer(), 'seen', 'seen', 'seen'],
    ['a restricted teammate', customerPerson([], 'restricted'), customer(), 'seen', 'barred', 'barred'],
    ['a read-only administrator', customerPerson(['read_only_administrator']), customer(), 'seen', 'seen', 'seen'],
    ['a device administrator', customerPerson(['device_administrator']), customer(), 'seen', 'barred', 'barred'],
    ['a member without any role', customerPerson([]), customer(), 'barred', 'barred', 'barred'],
    [
      'a member whose time is over',
      customerPerson([], 'owner', { until: now }),
      customer(),
      'hidden',
      'hidden',
      'hidden',
    ],
    ['partner full', partnerPerson(['partner_full_administrator']), customer(), 'seen', 'seen', 'seen'],
    ['partner read-only', partnerPerson(['partner_read_only_administrator']), customer(), 'seen', 'seen', 'seen'],
    ['a partner administrator, assigned', partnerPerson(['partner_administrator']), customer(), 'seen', 'seen', 'seen'],
    [
      'a partner administrator, not assigned',
      partnerPerson(['partner_administrator'], unassigned),
      customer(),
      'hidden',
      'hidden',
      'hidden',
    ],
    [
      'only full administrator of the partner',
      partnerPerson(['full_administrator']),
      customer(),
      'hidden',
      'hidden',
      'hidden',
    ],
    [
      'only Owner of the partner',
      partnerPerson([], { workspaceRole: 'owner' }),
      customer(),
      'hidden',
      'hidden',
      'hidden',
    ],
    ['help desk', partnerPerson(['help_desk_basic']), customer(), 'seen', 'hidden', 'hidden'],
    ['help desk in a session', partnerPerson(['help_desk_basic'], {}, session), customer(), 'seen', 'seen', 'seen'],
    ['partner full of what was', partnerPerson(['partner_full_administrator']), ended, 'hidden', 'hidden', 'hidden'],
    [
      'partner full of an approved person',
      partnerPerson(['partner_full_administrator']),
      external,
      'hidden',
      'hidden',
      'hidden',
    ],
    [
      'the partner, for the customer’s Owner',
      customerPerson(['full_administrator'], 'owner'),
      partner(),
      'hidden',
      'hidden',
      'hidden',
    ],
    ['the support team', supporter, customer(), 'seen', 'seen', 'seen'],
    ['somebody who belongs nowhere', nobody, customer(), 'hidden', 'hidden', 'hidden'],
    [
      'an external administrator',
      person('guest', [
        membership('acme', 'customer', { kind: 'external', administratorRoles: ['read_only_administrator'] }),
      ]),
      customer(),
      'seen',
      'seen',
      'seen',
    ],
  ] as const)('%s', (_, subject, target, organization, people, invites) => {
    expect([
      organizationSight(subject, target, now),
      peopleSight(subject, target, now),
      inviteSight(subject, target, now),
    ]).toEqual([organization, people, invites]);
  });
});

describe('that there is such an organization', () => {
  const { id } = customer();
  it.each([
    ['is told to its own people, without any role, too', customerPerson([]), customer(), [], true],
    ['is told to whoever sees it by their roles', partnerPerson(['help_desk_basic']), customer(), [], true],
    ['is told of a partner to its customer’s people', customerPerson([]), partner(), [id], true],
    ['is not told of a partner to people of others', customerPerson([]), partner(), ['another'], false],
    ['is not told to a partner’s people without a list', partnerPerson(['full_administrator']), customer(), [], false],
    ['is not told to somebody who belongs nowhere', nobody, customer(), [id], false],
  ] as const)('%s', (_, subject, target, customerIds, isTold) => {
    expect(knowsOf(subject, target, customerIds, now)).toBe(isTold);
  });
});
