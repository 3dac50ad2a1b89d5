import type { EntityManager } from '#persistence';

/**
 * Empties the personal part of every event that carries something of this person: the ones they acted in (their words,
 * address and name), the ones about them, and the ones that name them. The part has one digest, so it goes as a whole,
 * other people's names in it included. Ids, states and times stay, and the chain verifies as before.
 * Runs under the system role: an event may belong to organizations the caller does not reach.
 * @returns how many events were emptied
 */
export async function erasePersonalData(em: EntityManager, accountId: string): Promise<number> {
  const erased = await em.execute<{ id: string }[]>(
    `update audit_event set personal = null, salt = null
     where personal is not null
       and (actor ->> 'id' = ? or subject ->> 'id' = ? or jsonb_exists(personal -> 'names', ?))
     returning id`,
    [accountId, accountId, accountId],
  );
  return erased.length;
}
