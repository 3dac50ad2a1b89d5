import { LockMode, type EntityName, type FilterQuery } from '@mikro-orm/postgresql';
import type { EntityManager } from '#persistence';

/**
 * The row, locked and read afresh, or null. Locking comes last in the order memberships, relationships, requests,
 * grants; what was read of the row before is overwritten with what is true now.
 */
export async function lockRow<Row extends object>(
  em: EntityManager,
  entity: EntityName<Row>,
  where: FilterQuery<NoInfer<Row>>,
): Promise<Row | null> {
  const lock = () => em.findOne(entity, where, { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true });
  const row = await lock();
  if (row) return row;
  // What the caller may see and never write can't be locked; the rules refuse, and the refusal is on record.
  const seen = await em.findOne(entity, where, { refresh: true });
  return seen && ((await lock()) ?? seen);
}
