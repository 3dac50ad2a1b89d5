import type { EntityManager } from '#persistence';

/**
 * Empties the personal part of every event that carries something of this person: the ones they acted in (their words,
 * address and name), the ones about them, and the ones that name them. The part has one digest, so it goes as a whole,
 * other people's names in it included. Ids, states and times stay, and the chain verifies as before.
 * Runs under the system role: an event may belong to organizations the caller does not reach.
 * @param organizationId whose trail; an event that stands on another side's trail, too, is emptied there as well
 * @returns of each organization on whose trail something was emptied, how many events
 */
export async function erasePersonalData(
  em: EntityManager,
  organizationId: string,
  accountId: string,
): Promise<ReadonlyMap<string, number>> {
  const erased = await em.execute<{ organizationId: string; events: number }[]>(
    `with erased as (
       update audit_event set personal = null, salt = null
        where organization_ids @> array[?::uuid] and personal is not null
          and (actor ->> 'id' = ? or subject ->> 'id' = ? or jsonb_exists(personal -> 'names', ?))
       returning organization_ids)
     select organization_id as "organizationId", count(*)::int as events
       from erased, unnest(organization_ids) as organization_id group by 1 order by 1`,
    [organizationId, accountId, accountId, accountId],
  );
  return new Map(erased.map(({ organizationId: id, events }) => [id, events]));
}
