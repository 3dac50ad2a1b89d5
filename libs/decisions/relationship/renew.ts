import { LockMode } from '@mikro-orm/postgresql';
import { latestTermEnd, mayRenewRelationship, organizationSight } from '#access';
import { Refusal } from '#contracts';
import { loadSubject, Membership, Organization, Relationship } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { requireSightFor } from '../organization/sight.ts';
import { refuseAct } from '../refuse-act.ts';
import { missingProof } from '../session/require-proof.ts';
import { endOf } from './end-of.ts';
import { setTerm, termDaysOf } from './set-term.ts';

/**
 * An independent home full administrator of the customer says yes to the partner once more, until then. Whoever comes after
 * the end comes too late: what stood on it is gone.
 */
export async function renewRelationship(
  decision: Decision,
  organizationId: string,
  relationshipId: string,
  until: string,
): Promise<Relationship> {
  const { em, actor } = decision;
  const act = {
    action: 'relationship.renewed',
    organizationIds: [organizationId],
    subject: { kind: 'relationship', id: relationshipId },
  };
  if (actor.id)
    await em.find(
      Membership,
      { removedAt: null, accountId: actor.id },
      { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' } },
    );
  const seen = await requireSightFor(act, em, actor, organizationId, organizationSight, await decision.now());
  const relationship = await lockRow(em, Relationship, {
    id: relationshipId,
    $or: [{ partnerId: organizationId }, { customerId: organizationId }],
  });
  const { partnerId, customerId } = relationship ?? {};
  const belongs = seen.subject.memberships.some((one) => [partnerId, customerId].includes(one.organizationId));
  if (!relationship || !partnerId || !customerId || !belongs) throw new Refusal('not_found');
  const now = await decision.now();
  const judged = { inSession: seen.subject, inAll: await loadSubject(em, seen.subject.accountId) };
  const ruling = mayRenewRelationship(judged, { partnerId, customerId }, now);
  if (!ruling.allowed) return refuseAct({ ...act, organizationIds: [partnerId, customerId] }, ruling.code);
  const end = endOf(relationship);
  if (end && end <= now) throw new Refusal('relationship_ended', { state: { activeUntil: end.toISOString() } });
  if (relationship.origin !== 'provisioned') throw new Refusal('relationship_without_term');
  const missing = await missingProof(decision, customerId, now);
  if (missing) return refuseAct(act, 'step_up_required', missing);
  const termEndsAt = new Date(until);
  const customer = await em.findOneOrFail(Organization, { id: customerId });
  const latest = latestTermEnd(termDaysOf(customer), now);
  if (termEndsAt <= now || termEndsAt > latest) {
    throw new Refusal('term_out_of_bounds', {
      latest: latest.toISOString(),
      errors: [{ pointer: '/until', message: `After now, and at the latest ${latest.toISOString()}` }],
    });
  }
  if (relationship.termEndsAt?.getTime() === termEndsAt.getTime()) return relationship;
  setTerm(decision, relationship, termEndsAt, { verb: 'renewed', by: ruling.by, now });
  await em.flush();
  return relationship;
}
