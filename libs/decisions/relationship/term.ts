import { LockMode } from '@mikro-orm/postgresql';
import { dueNotice, latestTermEnd, mayRenewRelationship, organizationSight, termEnd } from '#access';
import { Refusal } from '#contracts';
import { loadSubject, Membership, Organization, Relationship, type EntityManager } from '#persistence';
import { endWhatNoLongerHolds } from '../cascade.ts';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { requireSightFor } from '../organization/sight.ts';
import { refuseAct } from '../refuse-act.ts';
import { missingProof } from '../session/require-proof.ts';
import { toldOfRelationship } from '../standing-told.ts';
import { endOf } from './end-of.ts';
import { lockMembersOf } from './end-what-partner-gave.ts';

/** The customer's term for its partners, in days; null for none. */
export const termDaysOf = ({ policy }: Pick<Organization, 'policy'>): number | null =>
  policy['relationshipTermDays'] ?? null;

/** When a relationship that begins now ends unless it is renewed. */
export const firstTermEnd = (customer: Pick<Organization, 'policy'>, now: Date): Date | null => {
  const days = termDaysOf(customer);
  return days === null ? null : termEnd(now, days);
};

/** A new term for those who are there already: nobody lasts for longer than from now on anybody does. */
export async function applyTerm(decision: Decision, customer: Organization, by: string, now: Date): Promise<void> {
  const end = firstTermEnd(customer, now);
  if (!end) return;
  const standing = await decision.em.find(
    Relationship,
    { customerId: customer.id, origin: 'provisioned', activeUntil: null },
    { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' }, refresh: true },
  );
  for (const relationship of standing) {
    if (relationship.termEndsAt && relationship.termEndsAt <= end) continue;
    setTerm(decision, relationship, end, { verb: 'term-set', by, now });
  }
}

function setTerm(
  decision: Decision,
  relationship: Relationship,
  termEndsAt: Date,
  { verb, by, now }: { verb: 'term-set' | 'renewed'; by: string; now: Date },
): void {
  const before = relationship.termEndsAt ?? null;
  relationship.termEndsAt = termEndsAt;
  relationship.noticedDays = null;
  const { id, partnerId, customerId } = relationship;
  decision.record({
    action: `relationship.${verb}`,
    by,
    organizationIds: [partnerId, customerId],
    subject: { kind: 'relationship', id },
    facts: { before, termEndsAt },
    standing: { relationships: [toldOfRelationship(relationship)] },
    at: now,
  });
}

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

/**
 * Time's part in one relationship: it ends at its term with all that stood on it, or both sides are told that it will.
 * Access ended by the clock before; this writes it down. Guarded, harmless to repeat.
 */
export async function settleTerm(decision: Decision, relationshipId: string): Promise<void> {
  const { em } = decision;
  const known = await em.findOne(Relationship, { id: relationshipId });
  if (!known?.termEndsAt || known.activeUntil) return;
  // Memberships come before relationships in the order of locks.
  await lockMembersOf(em, known);
  await em.find(
    Membership,
    { removedAt: null, relationshipId },
    { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' } },
  );
  const relationship = await lockRow(em, Relationship, { id: relationshipId });
  const { termEndsAt } = relationship ?? {};
  if (!relationship || !termEndsAt || relationship.activeUntil) return;
  const now = await decision.now();
  const { partnerId, customerId, origin } = relationship;
  const told = {
    organizationIds: [customerId, partnerId],
    subject: { kind: 'relationship', id: relationshipId },
    at: now,
  };
  if (termEndsAt <= now) {
    relationship.activeUntil = termEndsAt;
    const event = decision.record({
      ...told,
      action: 'relationship.ended',
      facts: { origin, cause: 'term_over', endedAt: termEndsAt },
      standing: { relationships: [{ id: relationshipId, endedAt: termEndsAt }] },
    });
    await endWhatNoLongerHolds(decision, { partnerId, customerId }, 'relationship_ended');
    await decision.nudge('membershipNotice', event.id);
    return;
  }
  const days = dueNotice(termEndsAt, relationship.noticedDays ?? null, now);
  if (days === null) return;
  relationship.noticedDays = days;
  const event = decision.record({ ...told, action: 'relationship.ends-soon', facts: { days, termEndsAt } });
  await decision.nudge('membershipNotice', event.id);
}

/** Relationships about which time has something to say, the first to end first. */
export async function findDueTerms(em: EntityManager, limit: number): Promise<string[]> {
  const rows = await em.execute<{ id: string }[]>(
    `select id from relationship, lateral (select clock_timestamp() as now) as moment
      where active_until is null and term_ends_at is not null and term_ends_at <= now + interval '31 days'
        and (term_ends_at <= now
          or coalesce(noticed_days, 400) > case when term_ends_at <= now + interval '1 day' then 1
                                                when term_ends_at <= now + interval '7 days' then 7 else 31 end)
      order by term_ends_at limit ?`,
    [limit],
  );
  return rows.map(({ id }) => id);
}
