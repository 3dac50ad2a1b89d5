import { LockMode } from '@mikro-orm/postgresql';
import { termEnd } from '#access';
import { Relationship, type Organization } from '#persistence';
import type { Decision } from '../decision.ts';
import { toldOfRelationship } from '../standing-told.ts';

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

export function setTerm(
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
