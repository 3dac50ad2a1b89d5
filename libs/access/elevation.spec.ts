import { describe, expect, it } from '@jest/globals';
import { elevationPartners, grantSeconds, mayRequestElevation } from './elevation.ts';
import { administratorRoles } from './roles.ts';
import { customer, membership, now, partnerPerson, person, relationship } from './subjects.fixture.ts';

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
