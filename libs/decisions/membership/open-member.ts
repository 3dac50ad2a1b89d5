import { peopleSight, type Subject, type TargetMember, type TargetOrganization } from '#access';
import { Refusal } from '#contracts';
import { ApiKey, loadSubject, Membership, type EntityManager } from '#persistence';
import type { Decision } from '../decision.ts';
import { requireSightFor } from '../organization/sight.ts';
import { refuseAct } from '../refuse-act.ts';
import { lockWithThoseWhoAnswer } from './administrators.ts';
import { isInReach } from './in-reach.ts';

/** A member who is being acted on: seen by the actor, locked, with all that the rules look at. */
export interface OpenMember {
  membership: Membership;
  member: TargetMember;
  subject: Subject;
  target: TargetOrganization;
  now: Date;
}

/**
 * A member locked for a change, with everybody the last-one rules need to know. Whoever does not see the
 * organization's people is told the same of every id; `action` is what the try goes on record as.
 */
export async function openMember(
  decision: Decision,
  organizationId: string,
  memberId: string,
  action: string,
): Promise<OpenMember> {
  const { em, actor } = decision;
  const locked = await lockWithThoseWhoAnswer(
    em,
    organizationId,
    { id: memberId },
    { accountId: actor.id ?? memberId },
  );
  const now = await decision.now();
  const act = { action, organizationIds: [organizationId], subject: { kind: 'membership', id: memberId } };
  const membership = locked.find((row) => row.id === memberId);
  // Oneself is seen by everybody.
  const sight = membership && membership.accountId === actor.id ? () => 'seen' as const : peopleSight;
  const seen = await requireSightFor(act, em, actor, organizationId, sight, now);
  if (!membership || !isInReach(seen.subject, seen.target, membership, now))
    throw new Refusal(peopleSight(seen.subject, seen.target, now) === 'seen' ? 'not_found' : 'forbidden');
  if (await isBehindKey(decision, membership)) return refuseAct(act, 'own_role');
  return { ...seen, membership, member: await describeTarget(em, membership, locked), now };
}

/** A key is as little above the people behind it as they are above themselves: it changes nothing about them. */
export async function isBehindKey(
  { em, actor }: Pick<Decision, 'em' | 'actor'>,
  { accountId }: Membership,
): Promise<boolean> {
  if (actor.kind !== 'service' || !actor.id) return false;
  const behind = { $or: [{ createdByAccountId: accountId }, { responsibleId: accountId }] };
  return (await em.count(ApiKey, { id: actor.id, ...behind })) > 0;
}

/** `answering`: the members of the same organization who count for the last-one rules. */
export async function describeTarget(
  em: EntityManager,
  membership: Membership,
  answering: Membership[],
): Promise<TargetMember> {
  const subject = await loadSubject(em, membership.accountId);
  const own = subject.memberships.find((one) => one.id === membership.id);
  if (!own) throw new Refusal('not_found');
  const others = answering.filter((row) => row.id !== membership.id && row.kind === 'home');
  return {
    accountId: membership.accountId,
    membership: own,
    scope: membership.scope,
    isLastOwner:
      membership.kind === 'home' &&
      membership.workspaceRole === 'owner' &&
      !others.some((row) => row.workspaceRole === 'owner'),
    isLastFullAdministrator:
      membership.kind === 'home' &&
      membership.administratorRoles.includes('full_administrator') &&
      !others.some((row) => row.administratorRoles.includes('full_administrator')),
  };
}
