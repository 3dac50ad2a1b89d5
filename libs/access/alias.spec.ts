import { describe, expect, it } from '@jest/globals';
import { mayChangeAliases, maySeeAliases, standsForPerson } from './alias.ts';
import {
  customer,
  customerPerson,
  member,
  membership,
  now,
  partnerPerson,
  supporter,
  temporary,
} from './subjects.fixture.ts';

const plain = member(membership('acme', 'customer', { workspaceRole: 'read_only' }));
const owner = member(membership('acme', 'customer', { workspaceRole: 'owner' }));
const administrator = member(membership('acme', 'customer', { administratorRoles: ['full_administrator'] }));
const refused = { allowed: false, code: 'may_not_change_aliases' };

describe('aliases of a member', () => {
  it.each([
    ['an Owner', customerPerson([], 'owner'), ['plain', 'owner']],
    ['Full access', customerPerson([], 'full_access'), ['plain']],
    ['Limited access', customerPerson([], 'limited_access'), []],
    ['a full administrator', customerPerson(['full_administrator']), ['plain', 'administrator']],
    ['a user and device administrator', customerPerson(['user_and_device_administrator']), ['plain']],
    ['a read-only administrator', customerPerson(['read_only_administrator']), []],
    ['the partner’s full administrator', partnerPerson(['partner_full_administrator']), ['plain', 'administrator']],
    ['the support team', supporter, []],
  ] as const)('%s changes those of %j', (_who, subject, mayChange) => {
    const members = { plain, owner, administrator };
    const changed = Object.entries(members).filter(
      ([, one]) => mayChangeAliases(subject, customer(), one, now).allowed,
    );
    expect(changed.map(([name]) => name)).toEqual(mayChange);
  });

  it('are details of a user: out of reach for administrators in restricted administrator mode, not for Owners', () => {
    const restricted = customer({ restrictedMode: true });
    expect(mayChangeAliases(customerPerson(['full_administrator']), restricted, plain, now)).toEqual(refused);
    expect(mayChangeAliases(customerPerson([], 'owner'), restricted, plain, now).allowed).toBe(true);
  });

  it('of an administrator stay out of reach for help desk with a grant', () => {
    const agent = partnerPerson(['help_desk_advanced'], {}, [temporary('elevation')]);
    expect(mayChangeAliases(agent, customer(), administrator, now)).toEqual(refused);
  });

  it('are seen by the person, and by whoever may change users', () => {
    const reader = customerPerson([], 'read_only');
    expect(
      maySeeAliases(reader, customer(), { accountId: reader.accountId, scope: { kind: 'client' } }, now).allowed,
    ).toBe(true);
    expect(maySeeAliases(reader, customer(), { accountId: 'somebody-else', scope: { kind: 'client' } }, now)).toEqual(
      refused,
    );
    expect(
      maySeeAliases(
        customerPerson([], 'owner'),
        customer(),
        { accountId: 'somebody-else', scope: { kind: 'client' } },
        now,
      ).allowed,
    ).toBe(true);
  });
});

describe('whom an address stands for', () => {
  it.each([
    ['a main address that was proven', { verifiedAt: now, givenByOrganizationId: null }, true, true],
    ['a main address by the word of a provider', { verifiedAt: null, givenByOrganizationId: 'acme' }, true, false],
    ['a proven alias', { verifiedAt: now, givenByOrganizationId: 'acme' }, true, true],
    ['an alias that was only given', { verifiedAt: null, givenByOrganizationId: 'acme' }, true, false],
    ['an alias of nobody', { verifiedAt: null, givenByOrganizationId: null }, false, false],
  ] as const)('%s', (_, address, there, elsewhere) => {
    expect([standsForPerson(address, 'acme'), standsForPerson(address, 'other')]).toEqual([there, elsewhere]);
  });
});
