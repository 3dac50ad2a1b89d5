import { Refusal } from '#contracts';
import { ScimUser, type EntityManager } from '#persistence';
import { conditionOf } from './filter.ts';

export async function readScimUser(em: EntityManager, organizationId: string, userId: string): Promise<ScimUser> {
  const user = await em.findOne(ScimUser, { id: userId, organizationId });
  if (!user) throw new Refusal('not_found');
  return user;
}

/** Users of one directory in order of their making; `startIndex` counts from one. */
export async function listScimUsers(
  em: EntityManager,
  organizationId: string,
  { filter, startIndex, count }: { filter?: string | undefined; startIndex: number; count: number },
): Promise<{ total: number; users: ScimUser[] }> {
  const { sql, values } = filter === undefined ? { sql: 'true', values: [] } : conditionOf(filter);
  const [counted] = await em.execute<{ total: number }[]>(
    `select count(*)::int as total from scim_user where organization_id = ? and (${sql})`,
    [organizationId, ...values],
  );
  const ids = await em.execute<{ id: string }[]>(
    `select id from scim_user where organization_id = ? and (${sql}) order by id limit ? offset ?`,
    [organizationId, ...values, count, startIndex - 1],
  );
  const users = await em.find(ScimUser, { id: { $in: ids.map(({ id }) => id) } }, { orderBy: { id: 'asc' } });
  return { total: counted?.total ?? 0, users };
}
