import { appointingRight, type AdministratorRole, type Subject, type TargetOrganization } from '#access';
import { ChangeRequest, Membership, RoleAppointment, type AppointingKind, type Invite } from '#persistence';
import type { Decision } from '../decision.ts';
import { fullAdministratorsOf } from './administrators.ts';
import { tellMember } from './tell-member.ts';

/** Who gives a role, and what gives them the right to. */
export interface Giver {
  kind: AppointingKind;
  id: string | null;
  right: string;
  partnerId: string | null;
  backedBy: string | null;
  founding: boolean;
}

/** The actor as giver, by the standing the rules found. Only people stand behind an appointment; a key's came by its maker's partner. */
export function giverOf(
  { actor }: Pick<Decision, 'actor'>,
  subject: Subject,
  target: TargetOrganization,
  now: Date,
): Giver {
  if (actor.kind === 'account')
    return { kind: 'account', id: actor.id, founding: false, ...appointingRight(subject, target, now) };
  const partnerId = actor.kind === 'service' ? appointingRight(subject, target, now).partnerId : null;
  return { kind: actor.kind, id: actor.id, right: actor.kind, partnerId, backedBy: null, founding: false };
}

/** Whoever agreed to an appointment that somebody else proposed gives the role, and stands behind it. */
export async function giverByAgreement(
  { em }: Pick<Decision, 'em'>,
  organizationId: string,
  accountId: string | null,
): Promise<Giver> {
  const own = { organizationId, accountId: accountId ?? '', role: 'full_administrator' } as const;
  const standing = accountId ? await em.findOne(RoleAppointment, { ...own, endedAt: null }) : null;
  const backedBy = standing?.id ?? null;
  return { kind: 'account', id: accountId, right: 'full_administrator', partnerId: null, backedBy, founding: false };
}

/** Who stands behind what an invite gives: whoever invited, or, for the first person, the organization's beginning. */
export async function giverByInvite(
  { em }: Pick<Decision, 'em'>,
  { id: inviteId, invitedById, organizationId }: Invite,
  inviter: { subject: Subject; isService: boolean; target: TargetOrganization } | null,
  now: Date,
): Promise<Giver> {
  const agreed = await em.findOne(ChangeRequest, { inviteId, status: 'approved' });
  if (agreed) return giverByAgreement({ em }, organizationId, agreed.decidedById ?? null);
  if (inviter === null || !invitedById) {
    const others = await em.count(RoleAppointment, { organizationId, founding: true, endedAt: null });
    const nobody = { id: null, partnerId: null, backedBy: null };
    if (others > 0) return { kind: 'support', right: 'support', founding: false, ...nobody };
    return { kind: 'support', right: 'founding', founding: true, ...nobody };
  }
  const right = appointingRight(inviter.subject, inviter.target, now);
  if (inviter.isService)
    return { ...right, kind: 'service', id: invitedById, right: 'service', backedBy: null, founding: false };
  return { kind: 'account', id: invitedById, founding: false, ...right };
}

/**
 * Writes down who gave these roles; whoever else is full administrator there hears of a new one. Of external
 * administrators their own flow tells.
 */
export async function appoint(
  decision: Decision,
  membership: Membership,
  roles: readonly AdministratorRole[],
  giver: Giver,
  now: Date,
): Promise<void> {
  const { em } = decision;
  for (const role of roles) {
    em.create(RoleAppointment, {
      membershipId: membership.id,
      organizationId: membership.organizationId,
      accountId: membership.accountId,
      role,
      givenByKind: giver.kind,
      givenById: giver.id,
      byRight: giver.right,
      partnerId: giver.partnerId,
      founding: giver.founding && membership.kind === 'home',
      backedById: giver.backedBy,
      givenAt: now,
    });
  }
  await em.flush();
  if (!roles.includes('full_administrator') || membership.kind === 'external') return;
  await tellFullAdministrators(decision, membership, {
    action: 'membership.full-administrator-appointed',
    by: giver.right,
    facts: { givenBy: giver.kind, right: giver.right, partnerId: giver.partnerId, founding: giver.founding },
    now,
  });
}

/** The roles are no more; what was appointed by them stands, and goes on resting on who gave them. */
export async function endAppointments(
  decision: Decision,
  membership: Membership,
  roles: readonly AdministratorRole[],
  now: Date,
): Promise<void> {
  if (roles.length === 0) return;
  const { em } = decision;
  await em.nativeUpdate(
    RoleAppointment,
    { membershipId: membership.id, role: { $in: [...roles] }, endedAt: null },
    { endedAt: now },
  );
  if (roles.includes('full_administrator') && membership.kind === 'home')
    await tellFullAdministrators(decision, membership, {
      action: 'membership.full-administrator-ended',
      facts: {},
      now,
    });
}

/** Everybody who holds the role is told when somebody gains or loses it, or is confirmed; in the trail in any case. */
export async function tellFullAdministrators(
  decision: Decision,
  { id, accountId, organizationId, kind }: Membership,
  { action, by, facts, now }: { action: string; by?: string; facts: Record<string, unknown>; now: Date },
): Promise<void> {
  const event = decision.record({
    action,
    by,
    organizationIds: [organizationId],
    subject: { kind: 'membership', id },
    facts: { accountId, kind, ...facts },
    at: now,
  });
  const holding = await fullAdministratorsOf(decision.em, organizationId);
  if (holding.some((other) => other !== accountId)) await tellMember(decision, event, null);
}
