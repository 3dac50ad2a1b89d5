import { access, permits } from '#access';
import type { Principal } from '#identity';
import { loadSubject, loadTarget, type EntityManager } from '#persistence';
import { subjectInSession } from '../subject-of.ts';

/**
 * Who may ask what somebody has access to: a service about anybody within its organization, a person about themselves
 * and about those they administer, be it in the organization asked for or in one of that person's.
 */
export async function mayAskAbout(
  em: EntityManager,
  principal: Principal,
  subjectId: string,
  organizationId: string,
  now: Date,
): Promise<boolean> {
  if (principal.kind === 'account' && principal.accountId === subjectId) return true;
  if (await mayAskAboutEverybody(em, principal, organizationId, now)) return true;
  if (principal.kind === 'support') return false;
  const subject = await loadSubject(em, subjectId);
  const organizationIds = new Set(subject.memberships.map((membership) => membership.organizationId));
  organizationIds.delete(organizationId);
  for (const id of organizationIds) {
    if (await mayAskAboutEverybody(em, principal, id, now)) return true;
  }
  return false;
}

/** Whether the caller may know who has access to the organization at all. */
export async function mayAskAboutEverybody(
  em: EntityManager,
  principal: Principal,
  organizationId: string,
  now: Date,
): Promise<boolean> {
  if (principal.kind === 'support') return false;
  if (principal.kind === 'service') return principal.organizationId === organizationId;
  const target = await loadTarget(em, organizationId);
  const viewer = await subjectInSession(em, principal);
  return target !== null && permits(access(viewer, target, 'users_and_licences', now), 'read');
}
