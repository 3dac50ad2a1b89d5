import { LockMode } from '@mikro-orm/postgresql';
import { Membership, Relationship } from '#persistence';
import type { Affected, Cause } from '../affected.ts';
import type { Decision } from '../decision.ts';
import { endExternalAccess } from '../external-administrator/end-access.ts';

/** Ends the external memberships that stood on a relationship between the two that is over. */
export async function endExternalMemberships(
  decision: Decision,
  { partnerId, customerId }: Affected,
  cause: Cause,
): Promise<void> {
  if (!partnerId || !customerId) return;
  const { em } = decision;
  const now = await decision.now();
  const over = await em.find(Relationship, { partnerId, customerId, activeUntil: { $lte: now } });
  const memberships = await em.find(
    Membership,
    {
      organizationId: customerId,
      kind: 'external',
      removedAt: null,
      relationshipId: { $in: over.map((row) => row.id) },
    },
    { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' }, refresh: true },
  );
  for (const membership of memberships) {
    const hasRunOut = membership.until && membership.until <= now;
    const ending = hasRunOut ? { how: 'expired' as const } : { how: 'ended' as const, cause };
    await endExternalAccess(decision, membership, { ...ending, now, keepRelationship: true });
  }
}
