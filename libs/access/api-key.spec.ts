import { describe, expect, it } from '@jest/globals';
import { mayCreateApiKey, mayManageApiKeys, type ServiceRoles } from './api-key.ts';
import { customer, customerPerson, now, partner, partnerPerson, supporter, temporary } from './subjects.fixture.ts';

const roles = (changes: Partial<ServiceRoles>): ServiceRoles => ({
  workspaceRole: null,
  administratorRoles: [],
  ...changes,
});
const reader = roles({ workspaceRole: 'read_only' });
const administrator = roles({ administratorRoles: ['device_administrator'] });

describe('making an API key', () => {
  it.each([
    ['an Owner', customerPerson([], 'owner'), reader, true],
    ['Full access', customerPerson([], 'full_access'), reader, true],
    ['Full access', customerPerson([], 'full_access'), administrator, 'may_not_assign_administrator_roles'],
    ['Limited access', customerPerson([], 'limited_access'), reader, 'may_not_manage_api_keys'],
    ['a full administrator', customerPerson(['full_administrator']), administrator, true],
    ['a full administrator', customerPerson(['full_administrator']), reader, 'may_not_invite_users'],
    ['a device administrator', customerPerson(['device_administrator']), administrator, 'may_not_manage_api_keys'],
    ['the partner’s administrator', partnerPerson(['partner_administrator']), administrator, true],
    ['the support team', supporter, roles({}), 'may_not_manage_api_keys'],
    ['an Owner', customerPerson([], 'owner'), roles({ workspaceRole: 'owner' }), 'role_not_available'],
  ] as const)('%s with %#: %s', (_who, subject, service, answer) => {
    const ruling = mayCreateApiKey(subject, customer(), service, now);
    expect(ruling.allowed || ruling.code).toBe(answer);
  });

  it('gives customer-management roles in partner organizations only', () => {
    const service = roles({ administratorRoles: ['help_desk_basic'] });
    expect(mayCreateApiKey(customerPerson(['full_administrator']), customer(), service, now)).toEqual({
      allowed: false,
      code: 'partner_role_outside_partner',
    });
    expect(mayCreateApiKey(partnerPerson(['full_administrator']), partner(), service, now).allowed).toBe(true);
  });

  it('is not for temporary access, which must leave nothing behind', () => {
    const agent = partnerPerson(['help_desk_advanced'], {}, [temporary('elevation')]);
    expect(mayManageApiKeys(agent, customer(), now).allowed).toBe(false);
    expect(mayCreateApiKey(agent, customer(), roles({}), now).allowed).toBe(false);
  });
});
