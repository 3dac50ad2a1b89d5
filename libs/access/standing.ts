/** Who somebody is where: the questions every rule asks first. */
import type { AdministratorRole, WorkspaceRole } from './roles.ts';
import type { Membership, Subject } from './subject.ts';

const isLive = ({ until }: Membership, now: Date): boolean => until === null || now < until;

export const liveMemberships = (subject: Subject, now: Date): readonly Membership[] =>
  subject.memberships.filter((membership) => isLive(membership, now));

/** All that somebody belongs to, whether or not the session opens it: what independence is judged by. */
export const heldMemberships = (subject: Subject, now: Date): readonly Membership[] =>
  [...subject.memberships, ...subject.closedMemberships].filter((membership) => isLive(membership, now));

/** The same person without a session in between: for questions about what they are, not about what they may. */
export const asHeld = (subject: Subject): Subject => ({
  ...subject,
  memberships: [...subject.memberships, ...subject.closedMemberships],
  closedMemberships: [],
});

/** A service may what both it and the person it answers to may at this moment. */
export const bothMay = (subject: Subject, may: (one: Subject) => boolean): boolean =>
  may(subject) && (subject.onBehalfOf === undefined || may(subject.onBehalfOf));

export const belongsTo = (subject: Subject, organizationId: string, now: Date): boolean =>
  heldMemberships(subject, now).some((membership) => membership.organizationId === organizationId);

export const liveMembershipsIn = (subject: Subject, organizationId: string, now: Date): readonly Membership[] =>
  liveMemberships(subject, now).filter((membership) => membership.organizationId === organizationId);

export const homeMembershipsIn = (subject: Subject, organizationId: string, now: Date): readonly Membership[] =>
  liveMembershipsIn(subject, organizationId, now).filter(({ kind }) => kind === 'home');

/** Home memberships of partner organizations: the only ones whose partner roles count. */
export const partnerMemberships = (subject: Subject, now: Date): readonly Membership[] =>
  liveMemberships(subject, now).filter(
    ({ kind, organizationKind }) => kind === 'home' && organizationKind === 'partner',
  );

/** Whether the subject holds the administrator role at home in that organization; external members do not. */
export const holdsAtHome = (subject: Subject, organizationId: string, role: AdministratorRole, now: Date): boolean =>
  bothMay(subject, (one) =>
    homeMembershipsIn(one, organizationId, now).some(({ administratorRoles }) => administratorRoles.includes(role)),
  );

/** The first of these customer-management roles that the subject holds at that partner, or null. */
export function partnerRoleHeld<Role extends AdministratorRole>(
  subject: Subject,
  partnerId: string,
  roles: readonly Role[],
  now: Date,
): Role | null {
  const heldBy = (one: Subject) => {
    const held = partnerMemberships(one, now)
      .filter(({ organizationId }) => organizationId === partnerId)
      .flatMap(({ administratorRoles }) => administratorRoles);
    return roles.find((role) => held.includes(role));
  };
  return bothMay(subject, (one) => heldBy(one) !== undefined) ? (heldBy(subject) ?? null) : null;
}

export const holdsWorkspaceRoleAtHome = (
  subject: Subject,
  organizationId: string,
  role: WorkspaceRole,
  now: Date,
): boolean =>
  bothMay(subject, (one) =>
    homeMembershipsIn(one, organizationId, now).some(({ workspaceRole }) => workspaceRole === role),
  );

/** The support team are the people of the platform organization. */
export const isSupport = (subject: Subject, now: Date): boolean =>
  liveMemberships(subject, now).some(
    ({ kind, organizationKind }) => kind === 'home' && organizationKind === 'platform',
  );
