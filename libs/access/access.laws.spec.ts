import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { access, effectiveAccess, permits, permittedUntil } from './effective-access.ts';
import { rank } from './levels.ts';
import { administratorRoles, workspaceRoles } from './roles.ts';
import { somewhereIn, wholeTenant, within } from './scope.ts';
import { mayAskForAreas, mayGrantAreas, settingsOpenedByElevation } from './elevation.ts';
import { areaOf, areas, isArea, isRestrictedSetting, isSetting, settings } from './settings.ts';
import { minutes, now } from './subjects.fixture.ts';
import type { Appointment, Membership, Relationship, Subject, TargetOrganization, TemporaryAccess } from './subject.ts';

// A small world, so that ids meet often: one customer and one partner asked for, and others that must not matter.
const customers = fc.constantFrom('acme', 'other');
const partners = fc.constantFrom('partner', 'rival');
const moment = fc.integer({ min: -3, max: 3 }).map(minutes);
const subsetOf = <T>(values: readonly T[]) => fc.subarray([...values]);

// Few names, so that appointments stand behind each other and in circles.
const appointmentIds = ['first', 'second', 'third', 'fourth'];
const appointments: fc.Arbitrary<Appointment[]> = fc
  .tuple(
    ...appointmentIds.map((id) =>
      fc.record({
        id: fc.constant(id),
        accountId: fc.constant(`holder of ${id}`),
        founding: fc.boolean(),
        backedBy: subsetOf(appointmentIds),
        partnerIds: subsetOf(['partner', 'rival']),
      }),
    ),
  )
  .map((all) => [...all]);

const membership: fc.Arbitrary<Membership> = fc
  .record({
    id: fc.uuid(),
    place: fc.oneof(
      customers.map((organizationId) => ({ organizationId, organizationKind: 'customer' as const })),
      partners.map((organizationId) => ({ organizationId, organizationKind: 'partner' as const })),
    ),
    kind: fc.constantFrom('home' as const, 'external' as const),
    workspaceRole: fc.option(fc.constantFrom(...workspaceRoles)),
    scope: fc.oneof(
      fc.constant(wholeTenant),
      fc.record({ kind: fc.constant('groups' as const), groupIds: subsetOf(['g', 'h']), teamIds: subsetOf(['t']) }),
    ),
    administratorRoles: subsetOf(administratorRoles),
    decryptLogs: fc.boolean(),
    until: fc.option(moment),
    assignedCustomerIds: subsetOf(['acme', 'other']),
    provisioningCustomerIds: subsetOf(['acme', 'other']),
    appointments,
  })
  .map(({ place, ...rest }) => ({ ...place, ...rest, appTray: { botBuilder: [], applications: [] } }));

const temporaryAccess: fc.Arbitrary<TemporaryAccess> = fc.record({
  id: fc.uuid(),
  kind: fc.constantFrom('elevation' as const, 'help_desk_session' as const),
  organizationId: customers,
  partnerId: partners,
  startsAt: moment,
  expiresAt: moment,
  endedAt: fc.option(moment),
  areas: fc.option(subsetOf(areas)),
});

const subject: fc.Arbitrary<Subject> = fc.record({
  accountId: fc.constant('subject'),
  memberships: fc.array(membership, { maxLength: 3 }),
  closedMemberships: fc.array(membership, { maxLength: 2 }),
  temporaryAccess: fc.array(temporaryAccess, { maxLength: 3 }),
});

const relationship: fc.Arbitrary<Relationship> = fc.record({
  id: fc.uuid(),
  partnerId: partners,
  customerId: fc.constant('acme'),
  origin: fc.constantFrom('provisioned' as const, 'external_administrator' as const),
  activeFrom: moment,
  activeUntil: fc.option(moment),
});

const target: fc.Arbitrary<TargetOrganization> = fc.oneof(
  fc.record({
    id: fc.constant('acme'),
    kind: fc.constant('customer' as const),
    restrictedMode: fc.boolean(),
    disabledFeatures: subsetOf(settings.slice(0, 6)),
    relationships: fc.array(relationship, { maxLength: 3 }),
  }),
  fc.record({
    id: partners,
    kind: fc.constant('partner' as const),
    restrictedMode: fc.boolean(),
    disabledFeatures: subsetOf(settings.slice(0, 6)),
    relationships: fc.constant([]),
  }),
);

const setting = fc.constantFrom(...settings);
const cases = { numRuns: 4000 };
const levelOf = (who: Subject, where: TargetOrganization, what: string) => rank[access(who, where, what, now).level];
const law = <Values extends [unknown, ...unknown[]]>(
  arbitraries: { [Index in keyof Values]: fc.Arbitrary<Values[Index]> },
  holds: (...values: Values) => void,
) => fc.assert(fc.property(...arbitraries, holds), cases);

describe('laws of access', () => {
  it('more roles never mean less access', () => {
    law<[Subject, TargetOrganization, string, number, (typeof administratorRoles)[number][]]>(
      [subject, target, setting, fc.nat(2), subsetOf(administratorRoles)],
      (who, where, what, index, more) => {
        const memberships = who.memberships.map((one, position) =>
          position === index ? { ...one, administratorRoles: [...one.administratorRoles, ...more] } : one,
        );
        expect(levelOf({ ...who, memberships }, where, what)).toBeGreaterThanOrEqual(levelOf(who, where, what));
      },
    );
  });

  it('more memberships and grants never mean less access', () => {
    law<[Subject, TargetOrganization, string, Membership, TemporaryAccess]>(
      [subject, target, setting, membership, temporaryAccess],
      (who, where, what, another, grant) => {
        const richer = {
          ...who,
          memberships: [...who.memberships, another],
          temporaryAccess: [...who.temporaryAccess, grant],
        };
        expect(levelOf(richer, where, what)).toBeGreaterThanOrEqual(levelOf(who, where, what));
      },
    );
  });

  it('restricted mode never adds', () => {
    law<[Subject, TargetOrganization, string]>([subject, target, setting], (who, where, what) => {
      const on = levelOf(who, { ...where, restrictedMode: true }, what);
      expect(on).toBeLessThanOrEqual(levelOf(who, { ...where, restrictedMode: false }, what));
    });
  });

  it('a feature the tenant lacks gives nothing', () => {
    law<[Subject, TargetOrganization, string]>([subject, target, setting], (who, where, what) => {
      expect(levelOf(who, { ...where, disabledFeatures: [what] }, what)).toBe(0);
    });
  });

  it('a grant that is over, or not begun, gives nothing', () => {
    const over = fc.oneof(
      temporaryAccess.map((grant) => ({ ...grant, expiresAt: now })),
      temporaryAccess.map((grant) => ({ ...grant, startsAt: minutes(1) })),
      temporaryAccess.map((grant) => ({ ...grant, endedAt: grant.endedAt ?? now })),
    );
    law<[Subject, TargetOrganization, string, TemporaryAccess]>(
      [subject, target, setting, over],
      (who, where, what, grant) => {
        const holder = { ...who, temporaryAccess: [...who.temporaryAccess, grant] };
        expect(access(holder, where, what, now)).toEqual(access(who, where, what, now));
      },
    );
  });

  it('a grant writes within what it names, within what was asked for, within what is temporary and not restricted', () => {
    const grant = temporaryAccess.map((one) => ({ ...one, kind: 'elevation' as const, areas: one.areas ?? null }));
    law<[Subject, TargetOrganization, string, typeof grant extends fc.Arbitrary<infer G> ? G : never]>(
      [subject, target, setting, grant],
      (who, where, what, one) => {
        const before = levelOf(who, where, what);
        const after = levelOf({ ...who, temporaryAccess: [...who.temporaryAccess, one] }, where, what);
        if (after <= before || after < rank.write || !isSetting(what)) return;
        const area = isArea(what) || isRestrictedSetting(what) ? areaOf(what) : null;
        if (area === null || !settingsOpenedByElevation().includes(area)) return;
        expect(one.areas === null || one.areas.includes(area)).toBe(true);
      },
    );
  });

  it('areas that may be asked for are temporary and not all closed, and those granted are among them', () => {
    const some = subsetOf(areas);
    law<[TargetOrganization, (typeof areas)[number][], (typeof areas)[number][]]>(
      [target, some, some],
      (where, asked, granted) => {
        const isAsked = mayAskForAreas(asked, where, now).allowed;
        const temporary = settingsOpenedByElevation();
        if (isAsked) expect(asked.every((area) => temporary.includes(area))).toBe(true);
        if (isAsked && asked.length > 0)
          expect(asked.every((area) => where.disabledFeatures.includes(area))).toBe(false);
        const most = granted.every((area) => asked.includes(area));
        expect(mayGrantAreas(granted, asked).allowed).toBe(most);
      },
    );
  });

  it('another tenant’s grants and memberships give nothing', () => {
    law<[Subject, TargetOrganization, string]>([subject, target, setting], (who, where, what) => {
      const elsewhere = {
        ...who,
        temporaryAccess: who.temporaryAccess.filter(({ organizationId }) => organizationId !== where.id),
        memberships: who.memberships.filter(({ organizationId }) => organizationId !== where.id),
      };
      const unrelated = { ...where, relationships: [] };
      expect(access(elsewhere, unrelated, what, now)).toMatchObject({ level: 'none' });
    });
  });

  it('a grant for another customer or partner changes nothing', () => {
    const foreign = fc.oneof(
      temporaryAccess.map((grant) => ({ ...grant, organizationId: 'other' })),
      temporaryAccess.map((grant) => ({ ...grant, partnerId: 'third' })),
    );
    law<[Subject, TargetOrganization, string, TemporaryAccess]>(
      [subject, target, setting, foreign],
      (who, where, what, grant) => {
        const holder = { ...who, temporaryAccess: [...who.temporaryAccess, grant] };
        expect(access(holder, where, what, now)).toEqual(access(who, where, what, now));
      },
    );
  });

  it('write implies read, and what gives access is named', () => {
    law<[Subject, TargetOrganization, string]>([subject, target, setting], (who, where, what) => {
      const answer = access(who, where, what, now);
      if (permits(answer, 'write')) expect(permits(answer, 'read')).toBe(true);
      const best = Math.max(0, ...answer.reasons.map(({ level = 'none' }) => rank[level]));
      expect(best).toBeGreaterThanOrEqual(rank[answer.level]);
      if (best > rank[answer.level])
        expect(answer.reasons.some(({ kind }) => kind === 'restriction' || kind === 'feature')).toBe(true);
    });
  });

  it('a service may what both it and whoever answers for it may, and no longer', () => {
    law<[Subject, Subject, TargetOrganization, string]>(
      [subject, subject, target, setting],
      (service, onBehalfOf, where, what) => {
        const answer = access({ ...service, onBehalfOf }, where, what, now);
        const limits = [access(service, where, what, now), access(onBehalfOf, where, what, now)];
        expect(rank[answer.level]).toBe(Math.min(...limits.map(({ level }) => rank[level])));
        for (const action of ['read', 'write', 'use']) {
          if (!permits(answer, action)) continue;
          const end = permittedUntil(answer, action)?.getTime() ?? Infinity;
          for (const limit of limits)
            expect(end).toBeLessThanOrEqual(permittedUntil(limit, action)?.getTime() ?? Infinity);
        }
      },
    );
  });

  it('a role for groups and teams gives the tenant nothing, and there no more than it would for the tenant', () => {
    law<[Subject, TargetOrganization, string]>([subject, target, setting], (who, where, what) => {
      if (!what.startsWith('workspace.')) return;
      const limited = {
        ...who,
        memberships: who.memberships.map((one) => ({
          ...one,
          scope: { kind: 'groups' as const, groupIds: ['g'], teamIds: [] },
        })),
      };
      const whole = access(somewhereIn(limited, where.id), where, what, now);
      expect(access(limited, where, what, now).level).toBe('none');
      const there = (groupIds: string[]) =>
        access(within(limited, where.id, { kind: 'groups', groupIds, teamIds: [] }), where, what, now);
      expect(there(['g'])).toEqual(whole);
      expect(there(['g', 'h']).level).toBe('none');
      expect(access(within(limited, where.id, wholeTenant), where, what, now).level).toBe('none');
    });
  });

  it('unknown settings and actions are denied', () => {
    const unknown = fc
      .oneof(fc.string(), fc.constantFrom('constructor', '__proto__', 'Devices', 'customer_list'))
      .filter((id) => !isSetting(id));
    law<[Subject, TargetOrganization, string, string]>(
      [subject, target, unknown, fc.string().filter((action) => !['read', 'write', 'use'].includes(action))],
      (who, where, what, action) => {
        expect(access(who, where, what, now)).toEqual({ setting: what, level: 'none', reasons: [] });
        for (const level of ['none', 'read', 'write', 'use'] as const) expect(permits({ level }, action)).toBe(false);
      },
    );
  });

  it('the full list says the same as single questions', () => {
    fc.assert(
      fc.property(subject, target, (who, where) => {
        for (const answer of effectiveAccess(who, where, now).settings)
          expect(answer).toEqual(access(who, where, answer.setting, now));
      }),
      { numRuns: 200 },
    );
  });
});
