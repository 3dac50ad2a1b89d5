import { mayManageExternalAdministrators, type Subject } from '#access';
import { Refusal } from '#contracts';
import { holdStanding, Membership, Relationship } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { refuseAct } from '../refuse-act.ts';
import { subjectOf } from '../subject-of.ts';

/** An external administrator locked for a change, by somebody who may manage them. */
export interface ExternalMember {
  membership: Membership;
  /** The partner the person was approved for; null where the relationship is gone. */
  partnerId: string | null;
  actor: Subject;
  by: string;
  now: Date;
  refuse: (code: string, details?: Record<string, unknown>) => never;
}

/** 404 for whoever is not a member of the organization, 403 on record for members who may not. */
export async function openExternalMember(
  { em, actor, now: clock }: Decision,
  organizationId: string,
  memberId: string,
  verb: 'changed' | 'removed',
): Promise<ExternalMember> {
  const membership = await lockRow(em, Membership, {
    id: memberId,
    organizationId,
    kind: 'external',
    removedAt: null,
  });
  await holdStanding(em, actor.id ? [actor.id] : [], organizationId);
  const now = await clock();
  const subject = await subjectOf(em, actor);
  const belongs = subject.memberships.some((one) => one.organizationId === organizationId);
  if (!membership || !belongs || (membership.until && membership.until <= now)) throw new Refusal('not_found');
  const refuse = (code: string, details: Record<string, unknown> = {}): never =>
    refuseAct(
      {
        action: `external-administrator.${verb}`,
        organizationIds: [organizationId],
        subject: { kind: 'membership', id: memberId },
      },
      code,
      details,
    );
  const ruling = mayManageExternalAdministrators(subject, organizationId, now);
  if (!ruling.allowed) return refuse(ruling.code);
  if (actor.kind !== 'account') return refuse('not_full_administrator');
  const relationship = membership.relationshipId
    ? await em.findOne(Relationship, { id: membership.relationshipId })
    : null;
  return { membership, partnerId: relationship?.partnerId ?? null, actor: subject, by: ruling.by, now, refuse };
}
