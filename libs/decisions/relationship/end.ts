import { LockMode } from '@mikro-orm/postgresql';
import { isSupport, mayEndRelationship, organizationSight } from '#access';
import { Refusal } from '#contracts';
import { Membership, Relationship } from '#persistence';
import { endWhatNoLongerHolds } from '../cascade.ts';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { requireSightFor } from '../organization/sight.ts';
import { refuseAct } from '../refuse-act.ts';
import { endOf } from './end-of.ts';
import { lockMembersOf } from './end-what-partner-gave.ts';

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
  const ending = await em.findOne(Relationship, { id: relationshipId });
  if (ending) await lockMembersOf(em, ending);
  await em.find(
    Membership,
    { removedAt: null, $or: [{ relationshipId }, ...(actor.id ? [{ accountId: actor.id }] : [])] },
    { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' } },
  );
  const subjectOfAct = { kind: 'relationship', id: relationshipId };
  const { subject } = await requireSightFor(
    { action: 'relationship.ended', organizationIds: [organizationId], subject: subjectOfAct },
    em,
    actor,
    organizationId,
    organizationSight,
    await decision.now(),
  );
  const relationship = await lockRow(em, Relationship, {
    id: relationshipId,
    $or: [{ partnerId: organizationId }, { customerId: organizationId }],
  });
  if (!relationship) throw new Refusal('not_found');
  const { partnerId, customerId, origin, activeFrom } = relationship;
  const activeUntil = endOf(relationship);
  const now = await decision.now();
  // A customer's other partners are no business of one that sees the customer, too.
  const belongs = subject.memberships.some((membership) => [partnerId, customerId].includes(membership.organizationId));
  if (!belongs && !isSupport(subject, now)) throw new Refusal('not_found');
  const ruling = mayEndRelationship(
    subject,
    { id: relationshipId, partnerId, customerId, origin, activeFrom, activeUntil },
    now,
  );
  if (!ruling.allowed) {
    return refuseAct(
      { action: 'relationship.ended', organizationIds: [partnerId, customerId], subject: subjectOfAct },
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
    subject: subjectOfAct,
    facts: { origin },
    standing: { relationships: [{ id: relationshipId, endedAt: now }] },
    at: now,
  });
  await endWhatNoLongerHolds(decision, { partnerId, customerId }, 'relationship_ended');
  return relationship;
}
