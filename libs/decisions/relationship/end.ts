import { LockMode } from '@mikro-orm/postgresql';
import { isSupport, mayEndRelationship } from '#access';
import { Refusal } from '#contracts';
import { Membership, Relationship } from '#persistence';
import { endWhatNoLongerHolds } from '../cascade.ts';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { refuseAct } from '../refuse-act.ts';
import { subjectOf } from '../subject-of.ts';

/**
 * A full administrator of either side ends a relationship. Whatever stood on it ends in the same transaction: grants,
 * help-desk sessions, open requests, assigned customers and external memberships.
 */
export async function endRelationship(
  decision: Decision,
  organizationId: string,
  relationshipId: string,
): Promise<Relationship> {
  const { em, actor } = decision;
  // Memberships come before relationships in the order of locks, so those that will go are taken first.
  await em.find(
    Membership,
    { removedAt: null, $or: [{ relationshipId }, ...(actor.id ? [{ accountId: actor.id }] : [])] },
    { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' } },
  );
  const relationship = await lockRow(em, Relationship, {
    id: relationshipId,
    $or: [{ partnerId: organizationId }, { customerId: organizationId }],
  });
  if (!relationship) throw new Refusal('not_found');
  const { partnerId, customerId, origin, activeFrom } = relationship;
  const activeUntil = relationship.activeUntil ?? null;
  const now = await decision.now();
  const subject = await subjectOf(em, actor);
  // Others may have the organization in reach; the relationship is nothing to them.
  const belongs = subject.memberships.some((membership) => [partnerId, customerId].includes(membership.organizationId));
  if (!belongs && !isSupport(subject, now)) throw new Refusal('not_found');
  const ruling = mayEndRelationship(
    subject,
    { id: relationshipId, partnerId, customerId, origin, activeFrom, activeUntil },
    now,
  );
  if (!ruling.allowed) {
    return refuseAct(
      {
        action: 'relationship.ended',
        organizationIds: [partnerId, customerId],
        subject: { kind: 'relationship', id: relationshipId },
      },
      ruling.code,
    );
  }
  if (activeUntil && activeUntil <= now) {
    throw new Refusal('relationship_ended', { state: { activeUntil: activeUntil.toISOString() } });
  }

  relationship.activeUntil = now;
  decision.record({
    action: 'relationship.ended',
    by: ruling.by,
    organizationIds: [partnerId, customerId],
    subject: { kind: 'relationship', id: relationshipId },
    facts: { origin },
    at: now,
  });
  await endWhatNoLongerHolds(decision, { partnerId, customerId }, 'relationship_ended');
  return relationship;
}
