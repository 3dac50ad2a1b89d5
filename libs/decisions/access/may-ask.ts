import { access, permits } from '#access';
import type { Principal } from '#identity';
import { subjectIn, type Standing } from '#persistence';
import { ownSubject } from '../subject-of.ts';

/**
 * Who may ask what somebody has access to: a service about anybody within its organization, a person about themselves
 * and about those they administer, be it in the organization asked for or in one of that person's.
 */
export function mayAskAbout(
  standing: Standing,
  principal: Principal,
  subjectId: string,
  organizationId: string,
): boolean {
  if (principal.kind === 'account' && principal.accountId === subjectId) return true;
  if (mayAskAboutEverybody(standing, principal, organizationId)) return true;
  if (principal.kind === 'support') return false;
  const theirs = subjectIn(standing, subjectId).memberships.map((membership) => membership.organizationId);
  return theirs.some((id) => mayAskAboutEverybody(standing, principal, id));
}

/** Whether the caller may know who has access to the organization at all. */
export function mayAskAboutEverybody(standing: Standing, principal: Principal, organizationId: string): boolean {
  if (principal.kind === 'support') return false;
  if (principal.kind === 'service') return principal.organizationId === organizationId;
  const target = standing.organizations.get(organizationId);
  const viewer = ownSubject(standing, principal);
  return target !== undefined && permits(access(viewer, target, 'users_and_licences', standing.now), 'read');
}
