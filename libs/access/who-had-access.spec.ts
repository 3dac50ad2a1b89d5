import { describe, expect, it } from '@jest/globals';
import type { RecordedStanding } from './recorded-standing.ts';
import { minutes } from './subjects.fixture.ts';
import { whoHadAccess, whoHadAccessBetween, type RecordedChange } from './who-had-access.ts';

const acme = { id: 'acme', kind: 'customer', restrictedMode: false, disabledFeatures: [] } as const;
const joined = { id: 'relationship', partnerId: 'partner', customerId: 'acme', origin: 'provisioned' } as const;
const member = {
  id: 'member',
  accountId: 'maria',
  organizationId: 'acme',
  kind: 'home',
  workspaceRole: null,
  administratorRoles: ['device_administrator'],
  decryptLogs: false,
  scope: { kind: 'client' },
  until: null,
} as const;
const grant = {
  id: 'grant',
  kind: 'elevation',
  accountId: 'grace',
  organizationId: 'acme',
  partnerId: 'partner',
  role: 'help_desk_advanced',
  startsAt: minutes(10),
  expiresAt: minutes(70),
} as const;

const told = (minute: number, standing: RecordedStanding): RecordedChange => ({ at: minutes(minute), standing });
const beginning = told(0, {
  organizations: [acme],
  relationships: [{ ...joined, activeFrom: minutes(0) }],
  memberships: [member],
});

/** `maria write`, for devices. */
const toDevices = (changes: RecordedChange[], minute: number) =>
  whoHadAccess(changes, { organizationId: 'acme' }, minutes(minute))
    .filter(({ setting }) => setting === 'devices')
    .map(({ accountId, level }) => `${accountId} ${level}`);

describe('who had access', () => {
  it.each<[string, RecordedChange[], number, string[]]>([
    ['nobody before there was anything', [beginning], -1, []],
    ['whoever held a role', [beginning], 0, ['maria write']],
    [
      'nobody once the role was changed',
      [beginning, told(5, { memberships: [{ ...member, administratorRoles: [] }] })],
      6,
      [],
    ],
    [
      'the former holder just before',
      [beginning, told(5, { memberships: [{ ...member, administratorRoles: [] }] })],
      4,
      ['maria write'],
    ],
    [
      'nobody once the membership ended',
      [beginning, told(5, { memberships: [{ id: 'member', endedAt: minutes(5) }] })],
      5,
      [],
    ],
    [
      'nobody past the date of a membership',
      [beginning, told(1, { memberships: [{ ...member, until: minutes(5) }] })],
      5,
      [],
    ],
    ['the holder of a grant', [beginning, told(10, { grants: [grant] })], 10, ['maria write', 'grace write']],
    ['not the holder of one that ran out', [beginning, told(10, { grants: [grant] })], 70, ['maria write']],
    [
      'not the holder of one that was revoked',
      [beginning, told(10, { grants: [grant] }), told(20, { grants: [{ id: 'grant', endedAt: minutes(20) }] })],
      20,
      ['maria write'],
    ],
    [
      'nobody of a partner whose relationship ended',
      [
        beginning,
        told(10, { grants: [grant] }),
        told(20, { relationships: [{ id: 'relationship', endedAt: minutes(20) }] }),
      ],
      30,
      ['maria write'],
    ],
    [
      'nobody to a feature the tenant lacks',
      [beginning, told(3, { organizations: [{ ...acme, disabledFeatures: ['devices'] }] })],
      4,
      [],
    ],
    [
      'a partner administrator with the customer on their list',
      [
        beginning,
        told(3, {
          assignments: [
            {
              membershipId: 'elsewhere',
              accountId: 'paul',
              partnerId: 'partner',
              customerId: 'acme',
              source: 'assigned',
            },
          ],
        }),
      ],
      4,
      ['maria write', 'paul write'],
    ],
    [
      'not one of whom the partner’s own trail says that the role is gone',
      [
        beginning,
        told(0, { organizations: [{ ...acme, id: 'partner', kind: 'partner' }] }),
        told(3, { grants: [{ ...grant, startsAt: minutes(3) }] }),
      ],
      4,
      ['maria write'],
    ],
    [
      'an external provisioning administrator, until their membership ends',
      [
        beginning,
        told(3, {
          memberships: [{ ...member, id: 'external', accountId: 'erin', kind: 'external', administratorRoles: [] }],
          assignments: [
            {
              membershipId: 'external',
              accountId: 'erin',
              partnerId: 'partner',
              customerId: 'acme',
              source: 'service_setup',
            },
          ],
        }),
        told(8, { memberships: [{ id: 'external', endedAt: minutes(8) }] }),
      ],
      8,
      ['maria write'],
    ],
  ])('is %s', (_what, changes, minute, expected) => expect(toDevices(changes, minute)).toEqual(expected));

  it('goes by the time of events, not by their order in the exports', () => {
    const ended = told(5, { memberships: [{ id: 'member', endedAt: minutes(5) }] });
    expect(toDevices([ended, beginning], 4)).toEqual(['maria write']);
    expect(toDevices([ended, beginning], 6)).toEqual([]);
  });

  it('tells of a period from when to when, and of what ran out without an event', () => {
    const changes = [
      beginning,
      told(10, { grants: [grant] }),
      told(30, { memberships: [{ ...member, administratorRoles: [] }] }),
    ];
    const period = { from: minutes(5), to: minutes(100) };
    const devices = whoHadAccessBetween(changes, { organizationId: 'acme' }, period).filter(
      ({ setting }) => setting === 'devices',
    );
    expect(devices.map(({ accountId, from, to }) => ({ accountId, from, to }))).toEqual([
      { accountId: 'maria', from: minutes(5), to: minutes(30) },
      { accountId: 'grace', from: minutes(10), to: minutes(70) },
    ]);
  });
});
