import { describe, expect, it } from '@jest/globals';
import { helpDeskSessionPartners, mayOpenHelpDeskSession } from './help-desk-session.ts';
import { administratorRoles } from './roles.ts';
import { customer, now, partner, partnerPerson, relationship } from './subjects.fixture.ts';

describe('help-desk sessions', () => {
  it.each(administratorRoles.map((role) => ({ role })))('judges $role', ({ role }) => {
    const helpDesk = role === 'help_desk_basic' || role === 'help_desk_advanced';
    expect(mayOpenHelpDeskSession(partnerPerson([role]), 'partner', customer(), now)).toEqual(
      helpDesk ? { allowed: true, by: role } : { allowed: false, code: 'not_help_desk' },
    );
  });

  it('needs a customer whom the partner manages', () => {
    const agent = partnerPerson(['help_desk_basic']);
    const external = customer({ relationships: [relationship({ origin: 'external_administrator' })] });
    for (const target of [external, customer({ relationships: [] }), partner()])
      expect(mayOpenHelpDeskSession(agent, 'partner', target, now)).toEqual({
        allowed: false,
        code: 'no_provisioned_relationship',
      });
    expect(helpDeskSessionPartners(agent, customer(), now)).toEqual(['partner']);
    expect(helpDeskSessionPartners(agent, external, now)).toEqual([]);
  });
});
