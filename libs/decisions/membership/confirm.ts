import { mayConfirmAppointment } from '#access';
import { Refusal } from '#contracts';
import { RoleAppointment, type Membership } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { refuseAct } from '../refuse-act.ts';
import { tellFullAdministrators } from './appoint.ts';
import { openMember } from './open-member.ts';

const action = 'membership.full-administrator-confirmed';

/**
 * An independent full administrator stands behind one who owes the office to somebody else: from then on that one may
 * approve, too. The members are locked, so whoever takes the confirming person's role away waits, or was first.
 */
export async function confirmMember(decision: Decision, organizationId: string, memberId: string): Promise<Membership> {
  const { em, actor } = decision;
  const { member, membership, subject, target, now } = await openMember(decision, organizationId, memberId, action);
  const act = { action, organizationIds: [organizationId], subject: { kind: 'membership', id: memberId } };
  if (actor.kind !== 'account' || !actor.id)
    return refuseAct(act, actor.kind === 'support' ? 'support_never_approves' : 'person_required');
  const appointment = await lockRow(em, RoleAppointment, {
    membershipId: memberId,
    role: 'full_administrator',
    endedAt: null,
  });
  const ruling = mayConfirmAppointment(
    subject,
    target,
    { ...member, appointedFor: appointment?.partnerId ?? null },
    now,
  );
  if (!ruling.allowed) return refuseAct(act, ruling.code);
  if (!appointment) throw new Refusal('not_found');
  if (appointment.confirmedById === actor.id) return membership;

  appointment.confirmedById = actor.id;
  appointment.confirmedByAppointmentId =
    subject.memberships.find(({ organizationId: of }) => of === organizationId)?.appointments[0]?.id ?? null;
  appointment.confirmedAt = now;
  await em.flush();
  await tellFullAdministrators(decision, membership, { action, by: ruling.by, facts: {}, now });
  return membership;
}
