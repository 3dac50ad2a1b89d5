import { Membership, Relationship, type EntityManager, type TenancyContext } from '#persistence';

/** The tenancy of a person: own organizations by membership, reach by the relationships that are active now. */
export async function tenancyOfAccount(em: EntityManager, accountId: string, now: Date): Promise<TenancyContext> {
  const memberships = await em.find(
    Membership,
    { accountId, removedAt: null, $or: [{ until: null }, { until: { $gt: now } }] },
    { fields: ['organizationId'] },
  );
  const organizationIds = [...new Set(memberships.map((row) => row.organizationId))];
  return {
    kind: 'tenant',
    principal: `account:${accountId}`,
    accountId,
    organizationIds,
    reach: await reachOf(em, organizationIds, now),
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
