import { mayChangeAliases, type Ruling } from '#access';
import { Refusal } from '#contracts';
import { loadSubject, loadTarget, Membership, type EntityManager } from '#persistence';
import type { Actor } from '../decision.ts';
import { subjectOf } from '../subject-of.ts';

/** A member whose aliases are to change, and whether the actor may; 404 where the actor does not see the member. */
export async function memberForAliases(
  em: EntityManager,
  actor: Actor,
  organizationId: string,
  memberId: string,
  now: Date,
): Promise<{ membership: Membership; ruling: Ruling }> {
  const membership = await em.findOne(Membership, { id: memberId, organizationId, removedAt: null });
  const target = await loadTarget(em, organizationId);
  const person = membership && (await loadSubject(em, membership.accountId));
  const own = person?.memberships.find(({ id }) => id === memberId);
  if (!membership || !own || !target) throw new Refusal('not_found');
  return { membership, ruling: mayChangeAliases(await subjectOf(em, actor), target, { membership: own }, now) };
}

export const actOn = (verb: string, organizationId: string, memberId: string) => ({
  action: `alias.${verb}`,
  organizationIds: [organizationId],
  subject: { kind: 'membership', id: memberId },
});
