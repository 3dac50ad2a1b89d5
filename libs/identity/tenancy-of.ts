import { liveMemberships } from '#access';
import { managedOf, reachOf, subjectIn, type SignInMethod, type Standing, type TenancyContext } from '#persistence';

/** What a session remembers of how the person signed in. */
export interface SignedInBy {
  method: SignInMethod;
  /** The organization a single sign-on was made at; null for any other sign-in. */
  organizationId: string | null;
  /** Organizations whose administrator has signed the person out since. */
  signedOutOf?: readonly string[];
  /** When more than a password was last shown; null or missing where it never was. */
  secondFactorAt?: Date | null;
}

/**
 * Whether a session acts in an organization. The organization must allow the method, and a passkey of ours where it
 * allows a password of ours; and what one organization's identity provider says about a person proves nothing to
 * another, so a single sign-on acts where it was made.
 */
export function sessionOpens(
  { method, organizationId, signedOutOf = [] }: SignedInBy,
  organization: { id: string; loginMethods: readonly string[] },
): boolean {
  const needed = method === 'passkey' ? 'password' : method;
  const isAllowed = organization.loginMethods.includes(needed);
  const isThere = method !== 'sso' || organizationId === organization.id;
  return isAllowed && isThere && !signedOutOf.includes(organization.id);
}

/** Where a person acts in this session. */
export interface Openness {
  /** The organizations in which this session acts as a member. */
  openOrganizationIds: string[];
  /** Memberships that another way of signing in would open. */
  closedOrganizationIds: string[];
  /**
   * Where the person may still say no: also where the organization has stopped to allow the way they signed in. Whoever
   * could deny and revoke a minute ago still can, whatever became of the sign-in settings meanwhile.
   */
  objectingOrganizationIds: string[];
  /** The platform organization, where the person belongs to it and no second factor stands behind the session. */
  unprovenOrganizationIds: string[];
  /** A home member of the platform organization. */
  support: boolean;
}

/** By the memberships of the person that have not run out, and by what their organizations allow. */
export function opennessOf(
  { now, subjects, organizations }: Standing,
  accountId: string,
  signedInBy: SignedInBy,
): Openness {
  const memberships = liveMemberships(subjectIn({ subjects }, accountId), now);
  const own = [...new Set(memberships.map(({ organizationId }) => organizationId))];
  // Nobody is of the support team by a password alone.
  const isUnproven = (id: string) => organizations.get(id)?.kind === 'platform' && !signedInBy.secondFactorAt;
  const opens = (id: string) => {
    const organization = organizations.get(id);
    return organization !== undefined && !isUnproven(id) && sessionOpens(signedInBy, organization);
  };
  // An approved external administrator comes in by the sign-in of the partner they were approved for.
  const foreign = memberships.filter(
    ({ kind, signInOrganizationId: partnerId }) =>
      kind === 'external' && partnerId && own.includes(partnerId) && opens(partnerId),
  );
  const isOpen = (id: string) =>
    opens(id) ||
    (organizations.get(id)?.foreignSignIn === true && foreign.some(({ organizationId }) => organizationId === id));
  // What a provider said is good at its own organization alone, and whoever was signed out is out.
  const isClosedByMethod = (id: string) => signedInBy.method !== 'sso' && !signedInBy.signedOutOf?.includes(id);
  const openOrganizationIds = own.filter(isOpen);
  return {
    openOrganizationIds,
    closedOrganizationIds: own.filter((id) => !isOpen(id)),
    objectingOrganizationIds: own.filter((id) => isOpen(id) || (isClosedByMethod(id) && !isUnproven(id))),
    unprovenOrganizationIds: own.filter(isUnproven),
    support: memberships.some(
      ({ organizationId, organizationKind, kind }) =>
        organizationKind === 'platform' && kind === 'home' && openOrganizationIds.includes(organizationId),
    ),
  };
}

/**
 * Under whom tenant transactions run: own organizations, to write in those and in their customers,
 * and in reach those their active relationships join to them on either side. A
 * customer is reached through the partner the person belongs to. Whole standing reaches everything; standing that was
 * loaded for one question reaches what that question is about.
 */
export function tenancyOf(
  standing: Standing,
  principal: { key: string; accountId: string | null },
  organizationIds: readonly string[],
): TenancyContext {
  const own = new Set(organizationIds);
  return {
    kind: 'tenant',
    principal: principal.key,
    accountId: principal.accountId,
    organizationIds,
    managed: [...managedOf(standing, own)],
    reach: [...reachOf(standing, own)],
  };
}
