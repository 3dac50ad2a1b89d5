import { describe, expect, it } from '@jest/globals';
import { isWithinLife, mayReportActivity } from './activity.ts';
import { customerPerson, minutes, now, partnerPerson } from './subjects.fixture.ts';

describe('an act counts', () => {
  const life = { startsAt: minutes(-30), endsAt: minutes(30) };
  it.each([
    ['before it by more than the leeway', -36, false],
    ['before it within the leeway', -35, true],
    ['while it is open', 0, true],
    ['as somebody’s clock has it that runs ahead', 5, true],
    ['in the future, though the access will be open then', 6, false],
  ])('%s', (_, at, counts) => {
    expect(isWithinLife(life, minutes(at), now)).toBe(counts);
  });

  it.each([
    ['as long as the leeway after its end', -5, true],
    ['and no longer', -4, false],
  ])('after the end %s', (_, at, counts) => {
    expect(isWithinLife({ startsAt: minutes(-30), endsAt: minutes(-10) }, minutes(at), now)).toBe(counts);
  });
});

describe('who tells of an act', () => {
  const parties = { organizationId: 'acme', partnerId: 'partner' };
  const keyOf = (who: ReturnType<typeof customerPerson>) => ({ ...who, accountId: 'key', onBehalfOf: who });

  it('is a service of either side, without any role', () => {
    for (const who of [customerPerson(['full_administrator']), partnerPerson(['partner_full_administrator'])]) {
      const key = keyOf(who);
      const bare = { ...key, memberships: key.memberships.map((one) => ({ ...one, administratorRoles: [] })) };
      expect(mayReportActivity(bare, parties, now).allowed).toBe(true);
    }
  });

  it('is no person, no service of others, and none whose person has left', () => {
    const who = customerPerson(['full_administrator']);
    expect(mayReportActivity(who, parties, now)).toEqual({ allowed: false, code: 'service_required' });
    expect(mayReportActivity(keyOf(who), { organizationId: 'x', partnerId: 'y' }, now).allowed).toBe(false);
    const left = { ...keyOf(who), onBehalfOf: { ...who, memberships: [] } };
    expect(mayReportActivity(left, parties, now).allowed).toBe(false);
  });
});
