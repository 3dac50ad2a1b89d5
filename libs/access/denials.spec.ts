import { describe, expect, it } from '@jest/globals';
import { denialOf } from './denials.ts';
import { access } from './effective-access.ts';
import { customer, customerPerson, now, partnerPerson, person, relationship, temporary } from './subjects.fixture.ts';
import type { Subject, TargetOrganization } from './subject.ts';

const basic = partnerPerson(['help_desk_basic']);
const advanced = partnerPerson(['help_desk_advanced']);
const inSession = partnerPerson(['help_desk_advanced'], {}, [temporary('help_desk_session')]);
const elevated = partnerPerson(['help_desk_advanced'], {}, [temporary('elevation')]);
const reader = customerPerson(['read_only_administrator']);
const full = customerPerson(['full_administrator']);
const restricted = customer({ restrictedMode: true });
const former = customer({ relationships: [relationship({ activeUntil: now })] });
const poor = customer({ disabledFeatures: ['devices'] });

describe('why an answer is no', () => {
  it.each<[string, Subject, TargetOrganization, string, string, string | null]>([
    ['permitted', full, customer(), 'devices', 'write', null],
    ['permitted by a grant', elevated, customer(), 'devices', 'write', null],
    ['a setting nobody has', full, customer(), 'no_such_setting', 'write', 'unknown_setting'],
    ['a setting of partners', full, customer(), 'partner.trials', 'write', 'unknown_setting'],
    ['an action nobody has', full, customer(), 'devices', 'destroy', 'unknown_action'],
    ['no role at all', person('nobody', []), customer(), 'devices', 'read', 'no_role'],
    ['a role for less', reader, customer(), 'devices', 'write', 'no_role'],
    ['help desk without a session', basic, customer(), 'devices', 'read', 'no_live_access'],
    ['Basic, whom no grant would let', basic, customer(), 'devices', 'write', 'no_role'],
    ['Advanced without a grant', advanced, customer(), 'devices', 'write', 'no_live_access'],
    ['Advanced in a session that only reads', inSession, customer(), 'devices', 'write', 'no_live_access'],
    ['Advanced, for what no grant opens', elevated, customer(), 'legal_hold', 'write', 'no_role'],
    ['help desk of a former partner', advanced, former, 'devices', 'write', 'no_role'],
    ['a restriction, which speaks for itself', full, restricted, 'account.company_name', 'write', null],
    ['a missing feature, which speaks for itself', full, poor, 'devices', 'write', null],
  ])('%s', (_, subject, target, setting, action, denial) => {
    expect(denialOf(subject, target, access(subject, target, setting, now), action, now)).toBe(denial);
  });
});
