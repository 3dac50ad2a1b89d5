import { Account, Address, Invite, Membership, Organization, type EntityManager } from '#persistence';

/** What organizations say of an address that nobody has proven. */
export interface AddressClaims {
  /** The one person an organization without single sign-on knows by it as their main address; several are nobody. */
  onlyAccountId: string | null;
  /** Organizations whose single sign-on knows the address. */
  singleSignOns: Organization[];
  /** Organizations that let in by password only, and know the address. */
  others: Organization[];
  /** Open invites to it, the newest first. */
  invites: Invite[];
}

/**
 * Whom a mail to the address may help. It is one tenant's word, so it tells of each tenant only what that one said, and
 * goes to the mailbox itself, whose reader has a right to know.
 */
export async function claimsOfAddress(em: EntityManager, address: string, now: Date): Promise<AddressClaims> {
  const claims = await em.find(Address, { address, verifiedAt: null });
  const people = await em.find(Account, { id: { $in: claims.map((row) => row.accountId) }, removedAt: null });
  const memberships = await em.find(Membership, { accountId: { $in: people.map(({ id }) => id) }, removedAt: null });
  // An organization's word counts while the person is a member there.
  const standing = claims.filter((claim) =>
    memberships.some((row) => row.accountId === claim.accountId && row.organizationId === claim.givenByOrganizationId),
  );
  const id = { $in: standing.flatMap(({ givenByOrganizationId: by }) => by ?? []) };
  const organizations = await em.find(Organization, { id }, { orderBy: { name: 'asc' } });
  const signsOn = ({ loginMethods }: Organization) => loginMethods.includes('sso');
  const others = organizations.filter((organization) => !signsOn(organization));
  const withoutAnyWayIn = standing.filter(
    (claim) => claim.kind === 'primary' && others.some((row) => row.id === claim.givenByOrganizationId),
  );
  const [only, ...more] = withoutAnyWayIn.map(({ accountId }) => accountId);
  const invites = await em.find(
    Invite,
    { personKey: address, status: 'pending', expiresAt: { $gt: now } },
    { orderBy: { linkIssuedAt: 'desc' } },
  );
  return {
    onlyAccountId: more.length === 0 ? (only ?? null) : null,
    singleSignOns: organizations.filter(signsOn),
    others,
    invites,
  };
}

/** Whether there is anything to say to whoever reads the mailbox. */
export const saysAnything = ({ singleSignOns, others, invites }: AddressClaims): boolean =>
  singleSignOns.length > 0 || others.length > 0 || invites.length > 0;
