import { activeRelationship, mayCreateRelationship } from '#access';
import { Refusal } from '#contracts';
import { holdStanding, loadTarget, Relationship } from '#persistence';
import type { Decision } from '../decision.ts';
import { refuseAct } from '../refuse-act.ts';
import { subjectOf } from '../subject-of.ts';

/** The support team brings in a further partner: the relationship is provisioned, beside those there are. */
export async function createRelationship(
  decision: Decision,
  customerId: string,
  partnerId: string,
): Promise<Relationship> {
  const { em, actor } = decision;
  const customer = await loadTarget(em, customerId);
  const partner = await loadTarget(em, partnerId);
  const subject = await subjectOf(em, actor);
  const belongs = subject.memberships.some((membership) => [customerId, partnerId].includes(membership.organizationId));
  const now = await decision.now();
  const ruling = customer && partner && mayCreateRelationship(subject, partner, customer, now);
  // Whoever belongs to neither side does not learn that they exist.
  if (!ruling || (!ruling.allowed && ruling.code === 'support_only' && !belongs)) throw new Refusal('not_found');
  if (!ruling.allowed) {
    return refuseAct(
      {
        action: 'relationship.began',
        organizationIds: [customerId],
        subject: { kind: 'organization', id: customerId },
      },
      ruling.code,
    );
  }

  await holdStanding(em, actor.id ? [actor.id] : [], customerId);
  const present = await loadTarget(em, customerId);
  if (present && activeRelationship(present, partnerId, now, 'provisioned')) throw new Refusal('relationship_exists');
  const relationship = em.create(Relationship, { partnerId, customerId, origin: 'provisioned', activeFrom: now });
  await em.flush();
  decision.record({
    action: 'relationship.began',
    by: ruling.by,
    organizationIds: [partnerId, customerId],
    subject: { kind: 'relationship', id: relationship.id },
    facts: { origin: relationship.origin },
    at: now,
  });
  return relationship;
}
