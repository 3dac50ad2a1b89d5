import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { isEligibleApprover } from './approval.ts';
import { mayBecomeExternalAdministrator, mayRequestExternalAdministration } from './external-administrator.ts';
import { appointingRight, isWellFounded, mayConfirmAppointment, mayDenyFor } from './independence.ts';
import type { Appointment, Membership, Subject } from './subject.ts';
import {
  appointment,
  customer,
  customerPerson,
  member,
  membership,
  minutes,
  now,
  partner,
  partnerPerson,
  person,
  relationship,
} from './subjects.fixture.ts';

const request = { requesterId: 'agent', partnerId: 'partner', organizationId: 'acme' };
const approves = (candidate: Subject) => isEligibleApprover(candidate, request, now);
const denies = (candidate: Subject) => mayDenyFor(candidate, request, now);

/** A home full administrator whose office rests on these appointments, their own first. */
const administrator = (...appointments: Appointment[]) =>
  customerPerson(['full_administrator'], null, { appointments });
const founding = (accountId: string, changes: Partial<Appointment> = {}) => appointment(accountId, changes);
const appointed = (accountId: string, by: string[] = [], changes: Partial<Appointment> = {}) =>
  appointment(accountId, { founding: false, backedBy: by.map((one) => `appointment-of-${one}`), ...changes });

const closed = (one: Membership, subject: Subject): Subject => ({ ...subject, closedMemberships: [one] });

describe('whose yes counts', () => {
  it.each<[string, Subject]>([
    ['a founding administrator', administrator(founding('maria'))],
    ['one whom a founding one appointed', administrator(appointed('jonas', ['maria']), founding('maria'))],
    [
      'one of a longer line',
      administrator(appointed('ines', ['jonas']), appointed('jonas', ['maria']), founding('maria')),
    ],
    [
      'one whom a partner appointed and a founding one confirmed',
      administrator(appointed('jonas', ['maria']), founding('maria')),
    ],
    [
      "one appointed by another partner's person, confirmed by a founding one",
      administrator(
        appointed('jonas', ['ruth', 'maria']),
        appointed('ruth', [], { partnerIds: ['rival'] }),
        founding('maria'),
      ),
    ],
  ])('is that of %s', (_, candidate) => {
    expect(approves(candidate)).toEqual({ allowed: true, by: 'full_administrator' });
  });

  it.each<[string, Subject]>([
    ['nobody knows who appointed', administrator()],
    ['the partner appointed and nobody confirmed', administrator(appointed('jonas'))],
    ["the partner's appointee appointed", administrator(appointed('ines', ['jonas']), appointed('jonas'))],
    [
      "the partner's own person appointed, who is at home in both",
      administrator(appointed('jonas', ['grace']), founding('grace', { partnerIds: ['partner'] })),
    ],
    [
      'the partner got to know through one who joined it since',
      administrator(
        appointed('ines', ['jonas']),
        appointed('jonas', ['maria'], { partnerIds: ['partner'] }),
        founding('maria'),
      ),
    ],
    ['confirmed each other in a circle', administrator(appointed('jonas', ['ines']), appointed('ines', ['jonas']))],
    ['confirmed themselves', administrator(appointed('jonas', ['jonas']))],
  ])('is not that of one whom %s; their no does', (_, candidate) => {
    expect(approves(candidate)).toEqual({ allowed: false, code: 'approver_not_confirmed' });
    expect(denies(candidate).allowed).toBe(true);
  });
});

describe('what a session does not open', () => {
  const inPartner = membership('partner', 'partner');

  it('makes nobody independent: the partner’s member is one by any way of signing in', () => {
    const both = closed(inPartner, customerPerson(['full_administrator']));
    expect(approves(both)).toEqual({ allowed: false, code: 'approver_in_requesting_partner' });
    expect(denies(both)).toEqual({ allowed: false, code: 'approver_in_requesting_partner' });
    expect(approves(closed({ ...inPartner, kind: 'external' }, customerPerson(['full_administrator']))).allowed).toBe(
      false,
    );
    expect(approves(closed({ ...inPartner, until: minutes(-1) }, customerPerson(['full_administrator']))).allowed).toBe(
      true,
    );
  });

  it('gives no rights', () => {
    const administratorElsewhere = closed(
      membership('acme', 'customer', { administratorRoles: ['full_administrator'], appointments: [founding('x')] }),
      person('x', []),
    );
    expect(approves(administratorElsewhere)).toEqual({ allowed: false, code: 'approver_not_full_administrator' });
  });

  it('counts against whoever asks, too: a consumer’s account, access that is there already', () => {
    const consumer = closed(membership('home', 'consumer'), partnerPerson(['partner_administrator']));
    expect(mayBecomeExternalAdministrator(consumer, now)).toEqual({ allowed: false, code: 'consumer_account' });
    const atHome = closed(
      membership('acme', 'customer'),
      partnerPerson(['partner_administrator'], { assignedCustomerIds: [] }),
    );
    expect(mayRequestExternalAdministration(atHome, 'partner', customer(), now)).toEqual({
      allowed: false,
      code: 'has_access_already',
    });
  });
});

describe('by which right somebody appoints', () => {
  it('is the organization’s own where the giver is one of its full administrators', () => {
    expect(appointingRight(customerPerson(['full_administrator']), customer(), now)).toEqual({
      right: 'full_administrator',
      partnerId: null,
      backedBy: 'appointment-of-customer-person',
    });
  });

  it('is the partner’s where they come by it, and nobody stands behind it', () => {
    expect(appointingRight(partnerPerson(['partner_full_administrator']), customer(), now)).toEqual({
      right: 'partner_full_administrator',
      partnerId: 'partner',
      backedBy: null,
    });
    const external = person('guest', [
      membership('acme', 'customer', { kind: 'external', administratorRoles: ['full_administrator'] }),
      membership('partner', 'partner'),
    ]);
    expect(appointingRight(external, customer(), now)).toMatchObject({ partnerId: 'partner', backedBy: null });
    expect(
      appointingRight(
        closed(membership('partner', 'partner'), { ...external, memberships: external.memberships.slice(0, 1) }),
        customer(),
        now,
      ),
    ).toMatchObject({
      partnerId: 'partner',
    });
  });

  it('names no partner within the partner itself', () => {
    expect(appointingRight(partnerPerson(['partner_full_administrator']), partner(), now)).toMatchObject({
      right: 'partner_full_administrator',
      partnerId: null,
    });
  });
});

describe('confirming', () => {
  const appointee = member(membership('acme', 'customer', { administratorRoles: ['full_administrator'] }));
  const confirm = (subject: Subject, changes: { appointedFor?: string | null } = {}, target = customer()) =>
    mayConfirmAppointment(subject, target, { ...appointee, appointedFor: 'partner', ...changes }, now);

  it('is for an independent full administrator at home', () => {
    expect(confirm(administrator(founding('maria')))).toEqual({ allowed: true, by: 'full_administrator' });
    expect(confirm(administrator(appointed('jonas', ['maria']), founding('maria'))).allowed).toBe(true);
  });

  it.each<[string, Subject, string]>([
    ['another role', customerPerson(['read_only_administrator'], 'owner'), 'not_full_administrator'],
    ['an external one', customerPerson(['full_administrator'], null, { kind: 'external' }), 'not_full_administrator'],
    [
      'the partner’s own',
      partnerPerson(['partner_full_administrator', 'full_administrator']),
      'not_full_administrator',
    ],
    ['themselves', { ...administrator(founding('maria')), accountId: 'somebody-else' }, 'own_role'],
    [
      'a member of the partner',
      closed(membership('partner', 'partner'), administrator(founding('maria'))),
      'approver_in_requesting_partner',
    ],
    ['an unconfirmed one', administrator(appointed('ines')), 'approver_not_confirmed'],
  ])('is not for %s', (_, subject, code) => {
    expect(confirm(subject)).toEqual({ allowed: false, code });
  });

  it('is not for the people of any partner of the organization, nor of one that has left', () => {
    const ofRival = closed(membership('rival', 'partner'), administrator(founding('maria')));
    expect(confirm(ofRival).allowed).toBe(true);
    expect(confirm(ofRival, { appointedFor: 'rival' })).toEqual({
      allowed: false,
      code: 'approver_in_requesting_partner',
    });
    const withRival = customer({ relationships: [relationship(), relationship({ id: 'r2', partnerId: 'rival' })] });
    expect(confirm(ofRival, {}, withRival)).toEqual({ allowed: false, code: 'approver_in_requesting_partner' });
  });
});

describe('laws', () => {
  const ids = ['a', 'b', 'c', 'd', 'e'];
  const graph = fc.tuple(
    ...ids.map((id) =>
      fc.record({
        id: fc.constant(id),
        accountId: fc.constant(id),
        founding: fc.boolean(),
        backedBy: fc.subarray(ids),
        partnerIds: fc.subarray(['partner', 'rival']),
      }),
    ),
  );

  it('nothing is founded where nobody founded', () => {
    fc.assert(
      fc.property(graph, (all) => {
        expect(
          isWellFounded(
            all.map((one) => ({ ...one, founding: false })),
            [],
          ),
        ).toBe(false);
      }),
    );
  });

  it('joining a partner makes nobody’s line count that did not', () => {
    fc.assert(
      fc.property(graph, fc.constantFrom(...ids), (all, joins) => {
        const joined = all.map((one) =>
          one.id === joins ? { ...one, partnerIds: ['partner', ...one.partnerIds] } : one,
        );
        if (isWellFounded(joined, ['partner'])) expect(isWellFounded(all, ['partner'])).toBe(true);
      }),
    );
  });

  it('whoever counts against several partners counts against each', () => {
    fc.assert(
      fc.property(graph, (all) => {
        if (!isWellFounded(all, ['partner', 'rival'])) return;
        expect(isWellFounded(all, ['partner']) && isWellFounded(all, ['rival'])).toBe(true);
      }),
    );
  });

  it('a line that counts still counts when the partner appoints more people', () => {
    fc.assert(
      fc.property(graph, fc.subarray(ids), (all, backedBy) => {
        const more = [...all, appointment('new', { founding: false, backedBy })];
        expect(isWellFounded(more, ['partner'])).toBe(isWellFounded(all, ['partner']));
      }),
    );
  });

  it('a membership that the session does not open never turns a no into a yes', () => {
    const place = fc.record({
      id: fc.constantFrom('partner', 'rival', 'acme'),
      kind: fc.constantFrom('home' as const, 'external' as const),
    });
    fc.assert(
      fc.property(graph, place, (all, { id, kind }) => {
        const before = administrator(...all);
        const after = closed(membership(id, id === 'acme' ? 'customer' : 'partner', { kind }), before);
        if (approves(after).allowed) expect(approves(before).allowed).toBe(true);
        if (denies(after).allowed) expect(denies(before).allowed).toBe(true);
      }),
    );
  });
});
