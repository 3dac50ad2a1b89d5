import { mayChangeAliases, peopleSight, type Ruling } from '#access';
import { Refusal } from '#contracts';
import { loadSubject, Membership, type EntityManager } from '#persistence';
import type { Actor } from '../decision.ts';
import { isInReach } from '../membership/in-reach.ts';
import { requireSightFor } from '../organization/sight.ts';

/** A member whose aliases are to change, and whether the actor may; 404 where the actor does not see the member. */
export async function memberForAliases(
  em: EntityManager,
  actor: Actor,
  organizationId: string,
  memberId: string,
  verb: 'added' | 'removed',
  now: Date,
): Promise<{ membership: Membership; ruling: Ruling }> {
  const act = actOnAlias(verb, organizationId, memberId);
  const { subject, target } = await requireSightFor(act, em, actor, organizationId, peopleSight, now);
  const membership = await em.findOne(Membership, { id: memberId, organizationId, removedAt: null });
  const person = membership && (await loadSubject(em, membership.accountId));
  const own = person?.memberships.find(({ id }) => id === memberId);
  if (!membership || !own || !isInReach(subject, target, membership, now)) {
    throw new Refusal(peopleSight(subject, target, now) === 'seen' ? 'not_found' : 'forbidden');
  }
  return { membership, ruling: mayChangeAliases(subject, target, { membership: own }, now) };
}

export const actOnAlias = (verb: string, organizationId: string, memberId: string) => ({
  action: `alias.${verb}`,
  organizationIds: [organizationId],
  subject: { kind: 'membership', id: memberId },
});
