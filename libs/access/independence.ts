/**
 * Domain 8: nobody decides for their own side. Rights come from what the session opens, independence is judged by all
 * that somebody holds, and by who made them an administrator.
 */
import { access } from './effective-access.ts';
import { isActive } from './relationship.ts';
import { matricesInForce, type Matrices } from './role-matrix.ts';
import { allowed, anyRuling, everyRuling, refused, rulingOf } from './ruling.ts';
import { belongsTo, heldMemberships, holdsAtHome, homeMembershipsIn } from './standing.ts';
import type { Appointment, Membership, Ruling, Subject, TargetOrganization } from './subject.ts';

export interface ApprovalParties {
  /** Who asks. */
  requesterId: string;
  /** The partner for which they ask; null where somebody asks within their own organization. */
  partnerId: string | null;
  /** Whose administrators decide; null where nobody here answers to the name. */
  organizationId: string | null;
}

/** Whoever says no: a home full administrator of the organization, neither the requester nor of the asking partner. */
export function mayDenyFor(
  candidate: Subject,
  { requesterId, partnerId, organizationId }: ApprovalParties,
  now: Date,
): Ruling {
  if (candidate.accountId === requesterId) return refused('approver_is_requester');
  if (organizationId === null || !holdsAtHome(candidate, organizationId, 'full_administrator', now))
    return refused('approver_not_full_administrator');
  if (partnerId !== null && belongsTo(candidate, partnerId, now)) return refused('approver_in_requesting_partner');
  return allowed('full_administrator');
}

/**
 * Whoever says yes must beside that owe the office to nobody of the asking partner. To say no, or to end what was
 * given, one need not be confirmed.
 */
export const mayApproveFor = (candidate: Subject, parties: ApprovalParties, now: Date): Ruling =>
  everyRuling(mayDenyFor(candidate, parties, now), () => {
    const { organizationId, partnerId } = parties;
    const partnerIds = partnerId === null ? [] : [partnerId];
    return organizationId !== null && owesOfficeToNoneOf(candidate, organizationId, partnerIds, now)
      ? allowed('full_administrator')
      : refused('approver_not_confirmed');
  });

const owesOfficeToNoneOf = (
  candidate: Subject,
  organizationId: string,
  partnerIds: readonly string[],
  now: Date,
): boolean =>
  homeMembershipsIn(candidate, organizationId, now).some(({ appointments }) => isWellFounded(appointments, partnerIds));

/**
 * An appointment counts against partners when it is founding, or one that counts gave or confirmed it. No line leads
 * through these partners' people, and none in a circle.
 */
export function isWellFounded(appointments: readonly Appointment[], partnerIds: readonly string[]): boolean {
  const counts = (id: string | undefined, passed: readonly string[]): boolean => {
    const appointment = appointments.find((one) => one.id === id);
    if (!appointment || passed.includes(appointment.id)) return false;
    if (appointment.partnerIds.some((partnerId) => partnerIds.includes(partnerId))) return false;
    return appointment.founding || appointment.backedBy.some((backer) => counts(backer, [...passed, appointment.id]));
  };
  return counts(appointments[0]?.id, []);
}

/** By which right an administrator role is given, and for which partner. */
export interface AppointingRight {
  right: string;
  partnerId: string | null;
  /** The giver's own appointment, where they give as home full administrator: it then stands behind the new one. */
  backedBy: string | null;
}

/** Somebody who may give roles by several standings gives them as one of the organization's own, where they are one. */
export function appointingRight(
  subject: Subject,
  target: TargetOrganization,
  now: Date,
  matrices: Matrices = matricesInForce(),
): AppointingRight {
  const home = homeMembershipsIn(subject, target.id, now).find(({ administratorRoles }) =>
    administratorRoles.includes('full_administrator'),
  );
  if (home && holdsAtHome(subject, target.id, 'full_administrator', now))
    return { right: 'full_administrator', partnerId: null, backedBy: home.appointments[0]?.id ?? null };
  const ruling = anyRuling(
    rulingOf(access(subject, target, 'assign_administrator_roles', now, matrices), 'write', 'none'),
    () => rulingOf(access(subject, target, 'partner.assign_administrator_roles', now, matrices), 'write', 'none'),
  );
  return {
    right: ruling.allowed ? ruling.by : 'none',
    partnerId: target.kind === 'partner' ? null : appointingPartner(subject, target, now),
    backedBy: null,
  };
}

/** The partner for which somebody acts who is not at home in the organization, be it by a key. */
function appointingPartner(subject: Subject, target: TargetOrganization, now: Date): string | null {
  const partnerIds = heldMemberships(subject.onBehalfOf ?? subject, now)
    .filter(({ organizationKind }) => organizationKind === 'partner')
    .map(({ organizationId }) => organizationId);
  const related = target.relationships.find(
    (relationship) => isActive(relationship, now) && partnerIds.includes(relationship.partnerId),
  );
  return related?.partnerId ?? partnerIds[0] ?? null;
}

/** Who may make an external administrator full: whoever owes their own office to none of the partners related to it. */
export function mayMakeExternalFull(subject: Subject, target: TargetOrganization, now: Date): Ruling {
  const partnerIds = target.relationships.filter((one) => isActive(one, now)).map(({ partnerId }) => partnerId);
  if (partnerIds.some((partnerId) => belongsTo(subject, partnerId, now)))
    return refused('approver_in_requesting_partner');
  return owesOfficeToNoneOf(subject, target.id, partnerIds, now)
    ? allowed('full_administrator')
    : refused('approver_not_confirmed');
}

/**
 * Who confirms a full administrator: another one at home, independent of every partner that is in a relationship with
 * the organization or gave the role, so that what they confirm counts against all of them.
 */
export function mayConfirmAppointment(
  subject: Subject,
  target: TargetOrganization,
  member: { accountId: string; membership: Membership; appointedFor: string | null },
  now: Date,
): Ruling {
  if (!holdsAtHome(subject, target.id, 'full_administrator', now)) return refused('not_full_administrator');
  if (subject.accountId === member.accountId) return refused('own_role');
  if (member.membership.kind !== 'home' || !member.membership.administratorRoles.includes('full_administrator'))
    return refused('member_not_full_administrator');
  const related = target.relationships.filter((relationship) => isActive(relationship, now));
  const partnerIds = [
    ...related.map(({ partnerId }) => partnerId),
    ...(member.appointedFor ? [member.appointedFor] : []),
  ];
  if (partnerIds.some((partnerId) => belongsTo(subject, partnerId, now)))
    return refused('approver_in_requesting_partner');
  return owesOfficeToNoneOf(subject, target.id, partnerIds, now)
    ? allowed('full_administrator')
    : refused('approver_not_confirmed');
}
