import type { FilterQuery } from '@mikro-orm/postgresql';
import { asObserver, mayManageExternalAdministrators, type GrantStatus, type Subject } from '#access';
import type { GrantQuery, GrantView } from '#contracts';
import { Account, ExternalAdministratorRequest, Membership, Relationship, type EntityManager } from '#persistence';
import { decodeCursor } from '../page.ts';

type Terms = Pick<GrantQuery, 'organizationId' | 'accountId' | 'status' | 'cursor'> & { limit: number };

/** External memberships with an end that the viewer may see, as grants, newest first: one more than asked for. */
export async function findExternalGrants(
  em: EntityManager,
  viewer: Subject,
  { organizationId, accountId, status, cursor, limit }: Terms,
  now: Date,
): Promise<GrantView[]> {
  const rows = await em.find(
    Membership,
    {
      kind: 'external',
      until: { $ne: null },
      ...(organizationId && { organizationId }),
      ...(accountId && { accountId }),
      ...(cursor && { id: { $lt: decodeCursor(cursor) } }),
      $and: [{ relationshipId: { $ne: null } }, visibleTo(viewer, now), await statusFilter(em, status, now)],
    },
    { orderBy: { id: 'desc' }, limit: limit + 1 },
  );
  return viewExternalGrants(em, rows, now);
}

export async function findExternalGrant(
  em: EntityManager,
  viewer: Subject,
  memberId: string,
  now: Date,
): Promise<GrantView | null> {
  return findAnyExternalGrant(em, memberId, now, visibleTo(viewer, now));
}

export async function findAnyExternalGrant(
  em: EntityManager,
  memberId: string,
  now: Date,
  sight: FilterQuery<Membership> = {},
): Promise<GrantView | null> {
  const rows = await em.find(Membership, {
    id: memberId,
    kind: 'external',
    until: { $ne: null },
    $and: [{ relationshipId: { $ne: null } }, sight],
  });
  return (await viewExternalGrants(em, rows, now))[0] ?? null;
}

/** The person, and those who list the external administrators of the organization. */
function visibleTo(caller: Subject, now: Date): FilterQuery<Membership> {
  const viewer = asObserver(caller);
  const managed = viewer.memberships
    .map(({ organizationId }) => organizationId)
    .filter((id) => mayManageExternalAdministrators(viewer, id, now).allowed);
  return {
    $or: [...(viewer.accountId ? [{ accountId: viewer.accountId }] : []), { organizationId: { $in: managed } }],
  };
}

/** How an access ended is written on its request; the membership alone tells whether it has. */
async function statusFilter(em: EntityManager, status: GrantStatus | undefined, now: Date) {
  if (!status) return {};
  if (status === 'active') return { removedAt: null, until: { $gt: now } };
  if (status === 'returned') return { id: { $in: [] } };
  const ended = await em.find(ExternalAdministratorRequest, { endedAs: status, membershipId: { $ne: null } });
  const so = { id: { $in: ended.flatMap(({ membershipId }) => (membershipId ? [membershipId] : [])) } };
  return status === 'expired' ? { $or: [so, { removedAt: null, until: { $lte: now } }] } : so;
}

async function viewExternalGrants(em: EntityManager, rows: readonly Membership[], now: Date): Promise<GrantView[]> {
  const requests = await em.find(ExternalAdministratorRequest, { membershipId: { $in: rows.map(({ id }) => id) } });
  const relationships = await em.find(Relationship, {
    id: { $in: rows.flatMap(({ relationshipId }) => (relationshipId ? [relationshipId] : [])) },
  });
  const people = await em.find(Account, {
    id: { $in: [...rows.map(({ accountId }) => accountId), ...requests.flatMap(({ decidedById: id }) => id ?? [])] },
  });
  return rows.flatMap((row): GrantView[] => {
    const request = requests.find(({ membershipId }) => membershipId === row.id);
    const partnerId = request?.partnerId ?? relationships.find(({ id }) => id === row.relationshipId)?.partnerId;
    if (!row.until || !partnerId) return [];
    const holder = people.find(({ id }) => id === row.accountId);
    // Attached by the deployment's policy, nobody approved it.
    const approver = people.find(({ id }) => id === request?.decidedById && id !== row.accountId);
    const hasRunOut = row.until <= (row.removedAt ?? now);
    const endedAt = request?.endedAt ?? row.removedAt ?? (hasRunOut ? row.until : null);
    return [
      {
        id: row.id,
        kind: 'external-administrator',
        sourceId: request?.id ?? row.id,
        organizationId: row.organizationId,
        partnerId,
        account: { id: row.accountId, displayName: holder?.displayName ?? '', email: holder?.email ?? '' },
        approvedBy: approver ? { id: approver.id, displayName: approver.displayName } : null,
        startsAt: row.createdAt.toISOString(),
        expiresAt: row.until.toISOString(),
        areas: null,
        usedAt: null,
        status: request?.endedAs ?? (hasRunOut ? 'expired' : row.removedAt ? 'ended' : 'active'),
        endedAt: endedAt?.toISOString() ?? null,
        endReason: request?.endReason ?? null,
      },
    ];
  });
}
