import { LockMode } from '@mikro-orm/postgresql';
import { dueNotice } from '#access';
import { Membership, Relationship, type EntityManager } from '#persistence';
import { endWhatNoLongerHolds } from '../cascade.ts';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { lockMembersOf } from './end-what-partner-gave.ts';

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
