import { describe, expect, it } from '@jest/globals';
import { externalSignInIsPossible, type Membership } from '#access';
import { nobodyOf, type Standing } from '#persistence';
import { opennessOf, type SignedInBy } from './tenancy-of.ts';

/** Every way two organizations may let people in, and whether the person ever chose a password. */
const waysIn = [['sso'], ['password'], ['sso', 'password']] as const;
const cells = waysIn.flatMap((home) =>
  waysIn.flatMap((customer) =>
    [true, false].flatMap((foreignSignIn) =>
      // Somebody at home by password alone has one; others may have one from before, or from elsewhere.
      (home.includes('sso' as never) ? [true, false] : [true]).map((hasPassword) => ({
        home,
        customer,
        foreignSignIn,
        hasPassword,
      })),
    ),
  ),
);
type Cell = (typeof cells)[number];

const held = (organizationId: string, changes: Partial<Membership>): Membership => ({
  id: `member-of-${organizationId}`,
  organizationId,
  organizationKind: organizationId === 'partner' ? 'partner' : 'customer',
  kind: 'home',
  workspaceRole: null,
  administratorRoles: [],
  decryptLogs: false,
  scope: { kind: 'client' },
  appTray: { botBuilder: [], applications: [] },
  until: null,
  assignedCustomerIds: [],
  provisioningCustomerIds: [],
  appointments: [],
  ...changes,
});

/** The person after the approval: at home in the partner, external at the customer. */
function afterApproval({ home, customer, foreignSignIn }: Cell): Standing {
  const memberships = [held('partner', {}), held('customer', { kind: 'external', signInOrganizationId: 'partner' })];
  const organizations = new Map([
    ['partner', { id: 'partner', loginMethods: home, foreignSignIn: false }],
    ['customer', { id: 'customer', loginMethods: customer, foreignSignIn }],
  ]);
  const subjects = new Map([['grace', { ...nobodyOf('grace'), memberships }]]);
  return { now: new Date('2026-03-02T10:00:00Z'), subjects, organizations } as unknown as Standing;
}

/** The sessions the person can get; of the customer's provider they are not known. */
function sessionsOf({ home, customer, hasPassword }: Cell): SignedInBy[] {
  const passwordCounts = [...home, ...customer].includes('password');
  return [
    ...(home.includes('sso' as never) ? [{ method: 'sso' as const, organizationId: 'partner' }] : []),
    ...(hasPassword && passwordCounts ? [{ method: 'password' as const, organizationId: null }] : []),
  ];
}

const named = cells.map((cell) => {
  const { home, customer, foreignSignIn, hasPassword } = cell;
  const name = `${home.join('+')} at home, ${customer.join('+')} at the customer, foreign sign-in ${foreignSignIn ? 'on' : 'off'}, ${hasPassword ? 'a' : 'no'} password`;
  return [name, cell] as const;
});

describe('an approved external administrator', () => {
  it.each(named)('comes in exactly where it may be approved: %s', (_name, cell) => {
    const standing = afterApproval(cell);
    const comesIn = sessionsOf(cell).some((session) =>
      opennessOf(standing, 'grace', session).openOrganizationIds.includes('customer'),
    );
    expect(externalSignInIsPossible({ ...cell, loginMethods: cell.customer }, cell)).toBe(comesIn);
  });

  it('is judged in every cell there is', () => {
    expect(cells).toHaveLength(30);
    expect(
      cells.filter((cell) => externalSignInIsPossible({ ...cell, loginMethods: cell.customer }, cell)),
    ).not.toHaveLength(30);
  });
});
