import { mayAssignAdministratorRoles, mayMakeAdministratorOf, type AdministratorRole } from '#access';
import { worksForPartner, type Membership } from '#persistence';
import { endWhatNoLongerHolds } from '../cascade.ts';
import { needsAgreement, refuseWithoutAgreement } from '../change-request/required.ts';
import type { Decision } from '../decision.ts';
import { unconditionally, type Precondition } from '../precondition.ts';
import { refuseAct } from '../refuse-act.ts';
import { appoint, endAppointments, giverOf } from './appoint.ts';
import { openMember } from './open-member.ts';
import { presentState } from './present-state.ts';
import { tellMember } from './tell-member.ts';
import { viewMember } from './view.ts';
import { toldOfMembership } from '../standing-told.ts';

const action = 'membership.administrator-roles-assigned';

/** Sets a member's administrator roles; what stood on a role that goes, ends in the same transaction. */
export async function assignAdministratorRoles(
  decision: Decision,
  organizationId: string,
  memberId: string,
  roles: AdministratorRole[],
  precondition: Precondition = unconditionally,
): Promise<Membership> {
  const { member, membership, subject, target, now } = await openMember(decision, organizationId, memberId, action);
  const right = mayAssignAdministratorRoles(subject, target, member, roles, now);
  const person = { worksForPartner: await worksForPartner(decision.em, membership.accountId) };
  const news = roles.filter((role) => !membership.administratorRoles.includes(role));
  const ruling = mayMakeAdministratorOf(subject, target, person, news, now, right);
  if (!ruling.allowed) {
    return refuseAct(
      { action, organizationIds: [organizationId], subject: { kind: 'membership', id: memberId } },
      ruling.code,
      presentState(ruling.code),
    );
  }
  if (membership.kind === 'home' && (await needsAgreement(decision, subject, target, news, now))) {
    const act = { action, organizationIds: [organizationId], subject: { kind: 'membership', id: memberId } };
    return refuseWithoutAgreement(act, { kind: 'appointment', memberId });
  }
  await precondition(() => viewMember(decision, membership));

  const before = membership.administratorRoles;
  const gained = roles.filter((role) => !before.includes(role));
  const lost = before.filter((role) => !roles.includes(role));
  if (gained.length + lost.length === 0) return membership;
  membership.administratorRoles = roles;
  const event = decision.record({
    action,
    by: ruling.by,
    organizationIds: [organizationId],
    subject: { kind: 'membership', id: memberId },
    facts: { accountId: membership.accountId, from: before, to: roles, gained, lost },
    standing: { memberships: [toldOfMembership(membership)] },
    at: now,
  });
  await tellMember(decision, event, membership.accountId);
  await endAppointments(decision, membership, lost, now);
  await appoint(decision, membership, gained, giverOf(decision, subject, target, now), now);
  if (lost.length > 0)
    await endWhatNoLongerHolds(decision, { accountId: membership.accountId, partnerId: organizationId }, 'role_lost');
  return membership;
}
