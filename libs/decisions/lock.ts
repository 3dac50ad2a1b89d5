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
  return em.findOne(entity, where, { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true });
}
