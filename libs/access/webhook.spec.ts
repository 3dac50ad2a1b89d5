import { describe, expect, it } from '@jest/globals';
import { customer, customerPerson, now, partner, partnerPerson, supporter, temporary } from './subjects.fixture.ts';
import { mayManageWebhooks } from './webhook.ts';

describe('sending the audit trail to a webhook', () => {
  it.each([
    ['an Owner', customerPerson([], 'owner'), true],
    ['a full administrator', customerPerson(['full_administrator']), true],
    ['the partner’s full administrator', partnerPerson(['partner_full_administrator']), true],
    ['the partner’s administrator', partnerPerson(['partner_administrator']), true],
    ['Full access, which may make API keys but not read the trail', customerPerson([], 'full_access'), false],
    ['a read-only administrator, who may read the trail', customerPerson(['read_only_administrator']), false],
    ['Limited access', customerPerson([], 'limited_access'), false],
    ['a help-desk agent', partnerPerson(['help_desk_advanced']), false],
    ['the support team', supporter, false],
  ] as const)('%s: %s', (_who, subject, allowed) => {
    const ruling = mayManageWebhooks(subject, customer(), now);
    expect(ruling.allowed || ruling.code).toBe(allowed || 'may_not_manage_webhooks');
  });

  it('is not for temporary access, which must leave nothing behind', () => {
    const agent = partnerPerson(['help_desk_advanced'], {}, [temporary('elevation')]);
    expect(mayManageWebhooks(agent, customer(), now).allowed).toBe(false);
  });

  it('is each organization’s own: a customer’s administrator has no say at the partner', () => {
    expect(mayManageWebhooks(customerPerson(['full_administrator']), partner(), now).allowed).toBe(false);
  });
});
