import { activeRelationship, isSupport, mayCreateRelationship, organizationSight } from '#access';
import { Refusal } from '#contracts';
import { holdStanding, loadTarget, Organization, Relationship } from '#persistence';
import type { Decision } from '../decision.ts';
import { requireSightFor } from '../organization/sight.ts';
import { refuseAct } from '../refuse-act.ts';
import { toldOfRelationship } from '../standing-told.ts';
import { firstTermEnd } from './set-term.ts';
import { settleTerm } from './settle-term.ts';

/** Two of the support team bring in a further partner: the relationship is provisioned, beside those there are. */
export async function createRelationship(
  decision: Decision,
  customerId: string,
  partnerId: string,
): Promise<Relationship> {
  const { em, actor } = decision;
  const now = await decision.now();
  const act = {
    action: 'relationship.began',
    organizationIds: [customerId],
    subject: { kind: 'organization', id: customerId },
  };
  const { subject, target: customer } = await requireSightFor(act, em, actor, customerId, organizationSight, now);
  const partner = await loadTarget(em, partnerId);
  if (!partner && isSupport(subject, now)) throw new Refusal('not_found');
  const ruling = mayCreateRelationship(subject, partner ?? customer, customer, now);
  if (!ruling.allowed) return refuseAct(act, ruling.code);
  if (!decision.isCountersigned) return refuseAct(act, 'two_people_required');

  await holdStanding(em, actor.id ? [actor.id] : [], customerId);
  const present = await loadTarget(em, customerId);
  const existing = present && activeRelationship(present, partnerId, now, 'provisioned');
  // One whose term is over has ended, whether or not anybody wrote it down.
  const overdue = await em.findOne(Relationship, { partnerId, customerId, origin: 'provisioned', activeUntil: null });
  if (overdue && !existing) await settleTerm(decision, overdue.id);
  if (existing) throw new Refusal('relationship_exists', { state: { id: existing.id } });
  await em.flush();
  const termEndsAt = firstTermEnd(await em.findOneOrFail(Organization, { id: customerId }), now);
  const relationship = em.create(Relationship, {
    partnerId,
    customerId,
    origin: 'provisioned',
    activeFrom: now,
    termEndsAt,
  });
  await em.flush();
  decision.record({
    action: 'relationship.began',
    by: ruling.by,
    organizationIds: [partnerId, customerId],
    subject: { kind: 'relationship', id: relationship.id },
    facts: { origin: relationship.origin },
    standing: { relationships: [toldOfRelationship(relationship)] },
    at: now,
  });
  return relationship;
}
