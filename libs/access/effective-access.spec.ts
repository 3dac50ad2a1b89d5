/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the story it serves */
import { describe, expect, it } from '@jest/globals';
import { access, effectiveAccess, permits, permittedUntil } from './effective-access.ts';
import {
  customer,
  customerPerson,
  membership,
  minutes,
  now,
  partner,
  partnerPerson,
  person,
  temporary,
} from './subjects.fixture.ts';

describe('permits', () => {
  it.each([
    ['none', []],
    ['read', ['read']],
    ['write', ['read', 'write']],
    ['use', ['use']],
  ] as const)('%s allows %j', (level, allowed) => {
    const actions = ['read', 'write', 'use', 'delete', 'constructor', ''];
    expect(actions.filter((action) => permits({ level }, action))).toEqual(allowed);
  });
});

describe('effective access', () => {
  it('denies unknown settings without a reason', () => {
    for (const setting of ['', 'device', 'constructor', '__proto__', 'partner.', 'workspace.everything'])
      expect(access(customerPerson(['full_administrator'], 'owner'), customer(), setting, now)).toEqual({
        setting,
        level: 'none',
        reasons: [],
      });
  });

  it('lists every setting once, partner settings for partners and log retrieval for customers', () => {
    const listed = (target: ReturnType<typeof customer>) =>
      effectiveAccess(customerPerson([]), target, now).settings.map(({ setting }) => setting);
    expect(listed(customer())).toHaveLength(15 + 22 + 15);
    expect(listed(partner())).toHaveLength(14 + 22 + 15 + 7);
    expect(new Set(listed(customer())).size).toBe(52);
    expect(listed(customer())).toContain('retrieve_logs');
    expect(listed(partner())).not.toContain('retrieve_logs');
  });

  it('takes an area’s settings away with the area the tenant lacks', () => {
    const without = customer({ disabledFeatures: ['organization_settings'] });
    const subject = customerPerson(['full_administrator']);
    for (const setting of ['organization_settings', 'calling.behaviour'])
      expect(access(subject, without, setting, now)).toEqual({
        setting,
        level: 'none',
        reasons: [
          { kind: 'role', id: 'full_administrator', level: 'write' },
          { kind: 'feature', id: 'organization_settings' },
        ],
      });
    expect(access(subject, without, 'devices', now).level).toBe('write');
  });

  it('gives a member without roles nothing', () => {
    const { settings, manageUsers } = effectiveAccess(customerPerson([]), customer(), now);
    expect(settings.every(({ level, reasons }) => level === 'none' && reasons.length === 0)).toBe(true);
    expect(manageUsers.enabled).toBe(false);
  });
});

describe('permittedUntil', () => {
  const agent = partnerPerson(['help_desk_advanced'], {}, [
    temporary('elevation', { expiresAt: minutes(20) }),
    temporary('help_desk_session', { expiresAt: minutes(40) }),
  ]);

  it('is the end of the last reason that carries the action', () => {
    const devices = access(agent, customer(), 'devices', now);
    expect(permittedUntil(devices, 'write')).toEqual(minutes(20));
    expect(permittedUntil(devices, 'read')).toEqual(minutes(40));
  });

  it('is null for lasting access and for none', () => {
    const lasting = person('agent', [
      ...agent.memberships,
      membership('acme', 'customer', { administratorRoles: ['full_administrator'] }),
    ]);
    expect(permittedUntil(access(lasting, customer(), 'devices', now), 'write')).toBeNull();
    expect(permittedUntil(access(agent, customer(), 'legal_hold', now), 'read')).toBeNull();
  });
});
