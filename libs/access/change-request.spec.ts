import { describe, expect, it } from '@jest/globals';
import {
  changeKinds,
  isAppointment,
  mayProposeChange,
  proposingPartners,
  weakenedDurations,
} from './change-request.ts';
import { administratorRoles } from './roles.ts';
import { customer, customerPerson, membership, now, partnerPerson, person, relationship } from './subjects.fixture.ts';

const acme = (changes: Parameters<typeof customer>[0] = {}) =>
  customer({ relationships: [relationship()], restrictedMode: true, ...changes });

describe('proposing a change', () => {
  it.each(administratorRoles.map((role) => ({ role })))('judges $role of the partner', ({ role }) => {
    const may = role === 'partner_full_administrator' || role === 'partner_administrator';
    for (const kind of ['appointment', 'authentication'] as const)
      expect(mayProposeChange(partnerPerson([role]), acme(), { kind, partnerId: 'partner' }, now).allowed).toBe(may);
    expect(mayProposeChange(partnerPerson([role]), acme(), { kind: 'policy', partnerId: null }, now).allowed).toBe(
      false,
    );
  });

  it('of sign-in is the partner’s only while restricted mode takes it from the customer', () => {
    const proposal = { kind: 'authentication', partnerId: 'partner' } as const;
    const partner = partnerPerson(['partner_full_administrator']);
    expect(mayProposeChange(partner, acme({ restrictedMode: false }), proposal, now).allowed).toBe(false);
    const external = acme({ relationships: [relationship({ origin: 'external_administrator' })] });
    expect(mayProposeChange(partner, external, proposal, now).allowed).toBe(false);
    expect(mayProposeChange(partner, acme(), { ...proposal, partnerId: 'rival' }, now).allowed).toBe(false);
    expect(mayProposeChange(partner, acme(), { ...proposal, partnerId: null }, now).allowed).toBe(false);
  });

  it('of terms is the organization’s own; of foreign sign-in, whoever may change how people sign in', () => {
    const terms = { kind: 'policy', partnerId: null } as const;
    const owner = customerPerson([], 'owner');
    const administrator = customerPerson(['full_administrator']);
    for (const who of [owner, administrator]) expect(mayProposeChange(who, acme(), terms, now).allowed).toBe(true);
    expect(mayProposeChange(owner, acme(), { ...terms, foreignSignIn: true }, now).allowed).toBe(true);
    // Restricted mode takes sign-in from administrator roles.
    expect(mayProposeChange(administrator, acme(), { ...terms, foreignSignIn: true }, now).allowed).toBe(false);
    expect(mayProposeChange(customerPerson(['read_only_administrator']), acme(), terms, now).allowed).toBe(false);
  });

  it('is nobody’s who is on neither side', () => {
    const stranger = person('stranger', [
      membership('elsewhere', 'partner', { administratorRoles: ['partner_full_administrator'] }),
    ]);
    expect(proposingPartners(stranger, acme(), now)).toEqual([]);
    for (const kind of changeKinds)
      expect(mayProposeChange(stranger, acme(), { kind, partnerId: 'elsewhere' }, now).allowed).toBe(false);
  });
});

describe('an appointment', () => {
  const office = ['full_administrator'] as const;

  it('is what makes a full administrator of a customer, by anybody who is none there', () => {
    expect(isAppointment(partnerPerson(['partner_full_administrator']), acme(), office, now)).toBe(true);
    // A lesser role of one's own at the customer is no way around.
    const both = person('both', [
      membership('acme', 'customer', { administratorRoles: ['device_administrator'] }),
      membership('partner', 'partner', { administratorRoles: ['partner_full_administrator'] }),
    ]);
    expect(isAppointment(both, acme(), office, now)).toBe(true);
    expect(isAppointment(customerPerson([...office]), acme(), office, now)).toBe(false);
    expect(isAppointment(partnerPerson(['partner_full_administrator']), acme(), ['device_administrator'], now)).toBe(
      false,
    );
  });
});

describe('weaker terms', () => {
  it('are the durations that become longer', () => {
    const before = { elevationMaxSeconds: 3600, elevationPendingSeconds: 3600 };
    expect(weakenedDurations(before, { elevationMaxSeconds: 3601, elevationPendingSeconds: 3600 })).toEqual([
      'elevationMaxSeconds',
    ]);
    expect(weakenedDurations(before, { elevationMaxSeconds: 1800, elevationPendingSeconds: undefined })).toEqual([]);
  });
});
