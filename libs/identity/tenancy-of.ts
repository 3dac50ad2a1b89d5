import { Membership, Organization, Relationship, type EntityManager, type TenancyContext } from '#persistence';

/** What a session remembers of how the person signed in. */
export interface SignedInBy {
  method: 'password' | 'sso';
  /** The organization a single sign-on was made at; null for a password login. */
  organizationId: string | null;
}

/**
 * Whether a session acts in an organization. The organization must allow the method; and what one organization's
 * identity provider says about a person proves nothing to another, so a single sign-on acts where it was made.
 */
export function sessionOpens(
  { method, organizationId }: SignedInBy,
  organization: Pick<Organization, 'id' | 'loginMethods'>,
): boolean {
  return organization.loginMethods.includes(method) && (method === 'password' || organizationId === organization.id);
}

export interface Standing {
  tenancy: TenancyContext;
  /** The organizations in which this session acts as a member. */
  openOrganizationIds: string[];
  /** Memberships that another way of signing in would open. */
  closedOrganizationIds: string[];
  /** A home member of the platform organization. */
  support: boolean;
}

/**
 * Where a person acts in this session: own organizations by the memberships that the session opens, reach by the
 * relationships of those that are active now. A customer is reached through the partner the person belongs to.
 */
export async function standingOfAccount(
  em: EntityManager,
  accountId: string,
  signedInBy: SignedInBy,
  now: Date,
): Promise<Standing> {
  const memberships = await em.find(
    Membership,
    { accountId, removedAt: null, $or: [{ until: null }, { until: { $gt: now } }] },
    { fields: ['organizationId', 'kind'] },
  );
  const organizations = await em.find(
    Organization,
    { id: { $in: [...new Set(memberships.map((row) => row.organizationId))] } },
    { fields: ['kind', 'loginMethods'] },
  );
  const open = organizations.filter((organization) => sessionOpens(signedInBy, organization));
  const openOrganizationIds = open.map(({ id }) => id);
  const platform = open.find(({ kind }) => kind === 'platform');
  const support = memberships.some((row) => row.organizationId === platform?.id && row.kind === 'home');
  return {
    tenancy: {
      kind: 'tenant',
      principal: `account:${accountId}`,
      accountId,
      organizationIds: openOrganizationIds,
      reach: await reachOf(em, openOrganizationIds, now),
    },
    openOrganizationIds,
    closedOrganizationIds: organizations.filter((one) => !open.includes(one)).map(({ id }) => id),
    support,
  };
}

export async function tenancyOfService(
  em: EntityManager,
  apiKeyId: string,
  organizationId: string,
  now: Date,
): Promise<TenancyContext> {
  const organizationIds = [organizationId];
  return {
    kind: 'tenant',
    principal: `service:${apiKeyId}`,
    accountId: null,
    organizationIds,
    reach: await reachOf(em, organizationIds, now),
  };
}

async function reachOf(em: EntityManager, organizationIds: string[], now: Date): Promise<string[]> {
  if (organizationIds.length === 0) return [];
  const relationships = await em.find(Relationship, {
    $and: [
      { $or: [{ partnerId: { $in: organizationIds } }, { customerId: { $in: organizationIds } }] },
      { $or: [{ activeUntil: null }, { activeUntil: { $gt: now } }] },
    ],
  });
  return [...new Set([...organizationIds, ...relationships.flatMap((row) => [row.partnerId, row.customerId])])];
}
