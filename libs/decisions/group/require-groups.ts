import { LockMode } from '@mikro-orm/postgresql';
import { Refusal } from '#contracts';
import { Group, type EntityManager, type MembershipScope } from '#persistence';

/** A scope names groups and teams that exist; they are held, so that none is deleted before the scope is written. */
export async function requireGroups(em: EntityManager, organizationId: string, scope: MembershipScope): Promise<void> {
  if (scope.kind === 'client') return;
  const named = [
    ...scope.groupIds.map((id, index) => ({ id, kind: 'group', pointer: `/scope/groupIds/${index}` })),
    ...scope.teamIds.map((id, index) => ({ id, kind: 'team', pointer: `/scope/teamIds/${index}` })),
  ];
  const present = await em.find(
    Group,
    { organizationId, id: { $in: named.map(({ id }) => id) } },
    { lockMode: LockMode.PESSIMISTIC_READ, orderBy: { id: 'asc' } },
  );
  const unknown = named.filter(({ id, kind }) => !present.some((group) => group.id === id && group.kind === kind));
  const errors = unknown.map(({ kind, pointer }) => ({ pointer, message: `There is no such ${kind}` }));
  // A scope of nothing would be a role that reaches nothing.
  if (named.length === 0) errors.push({ pointer: '/scope/groupIds', message: 'Name a group or a team' });
  if (errors.length > 0) throw new Refusal('invalid_request', { errors });
}
