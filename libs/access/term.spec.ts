import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { access, permits } from './effective-access.ts';
import { settings } from './settings.ts';
import { customer, customerPerson, minutes, now, partnerPerson, relationship, temporary } from './subjects.fixture.ts';
import { partnerRoles } from './roles.ts';
import { dueNotice, latestTermEnd, mayRenewRelationship, termEnd, termStateAt } from './term.ts';

describe('a notice', () => {
  it.each([
    [40, null, null],
    [31, null, 31],
    [30, 31, null],
    [7, 31, 7],
    [5, null, 7],
    [1, 7, 1],
    [0.5, 1, null],
    [0, 1, null],
    [-1, null, null],
  ])('%d days before the end, after that of %s days, is that of %s', (left, given, due) => {
    expect(dueNotice(termEnd(now, left), given, now)).toBe(due);
  });
});

describe('a term', () => {
  it('is active, expiring in its last 31 days, and ended from its end on', () => {
    expect(termStateAt(null, now)).toBe('active');
    expect(termStateAt(termEnd(now, 32), now)).toBe('active');
    expect(termStateAt(termEnd(now, 31), now)).toBe('expiring');
    expect(termStateAt(now, now)).toBe('ended');
  });

  it('is renewed for as long as the policy says, at most 400 days', () => {
    expect(latestTermEnd(90, now)).toEqual(termEnd(now, 90));
    expect(latestTermEnd(null, now)).toEqual(termEnd(now, 400));
  });

  it('is renewed by a home full administrator of the customer who is not of the partner, and by nobody else', () => {
    const parties = { partnerId: 'partner', customerId: 'acme' };
    const renews = (who: ReturnType<typeof customerPerson>) =>
      mayRenewRelationship({ inSession: who, inAll: who }, parties, now).allowed;
    expect(renews(customerPerson(['full_administrator']))).toBe(true);
    expect(renews(customerPerson(['read_only_administrator']))).toBe(false);
    expect(renews(partnerPerson(['full_administrator', 'partner_full_administrator']))).toBe(false);
    const both = customerPerson(['full_administrator']);
    const ofPartner = partnerPerson(['help_desk_basic']).memberships;
    expect(renews({ ...both, memberships: [...both.memberships, ...ofPartner] })).toBe(false);
  });
});

describe('after its term', () => {
  it('a relationship lets nobody of the partner do anything, whatever they hold and were granted', () => {
    let before = 0;
    fc.assert(
      fc.property(
        fc.subarray([...partnerRoles], { minLength: 1 }),
        fc.constantFrom(...settings),
        fc.constantFrom('read', 'write'),
        fc.integer({ min: 0, max: 500 }),
        fc.boolean(),
        (roles, setting, action, late, isGranted) => {
          const granted = isGranted ? [temporary('elevation', { expiresAt: minutes(600) })] : [];
          const subject = partnerPerson(roles, {}, granted);
          const until = (activeUntil: Date) => customer({ relationships: [relationship({ activeUntil })] });
          if (permits(access(subject, until(minutes(1)), setting, now), action)) before += 1;
          expect(permits(access(subject, until(minutes(-late)), setting, now), action)).toBe(false);
        },
      ),
      { numRuns: 2_000 },
    );
    expect(before).toBeGreaterThan(300);
  });

  it('ends what was granted for longer: the answer holds no longer than the relationship', () => {
    const granted = temporary('elevation', { expiresAt: minutes(600) });
    const subject = partnerPerson(['help_desk_advanced'], {}, [granted]);
    const target = customer({ relationships: [relationship({ activeUntil: minutes(5) })] });
    const { reasons } = access(subject, target, 'devices', now);
    expect(reasons.map(({ until }) => until)).toEqual([minutes(5)]);
  });
});
