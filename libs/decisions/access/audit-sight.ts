import { access, permits } from '#access';
import { Refusal } from '#contracts';
import { databaseNow, loadTarget, type EntityManager } from '#persistence';
import type { Actor } from '../decision.ts';
import { subjectOf } from '../subject-of.ts';

/** Lets pass whoever may read the audit trail of the organization by an administrator role or as its Owner. */
export async function requireAuditSight(em: EntityManager, actor: Actor, organizationId: string): Promise<void> {
  const target = await loadTarget(em, organizationId);
  if (!target) throw new Refusal('not_found');
  const subject = await subjectOf(em, actor);
  const now = await databaseNow(em);
  if (permits(access(subject, target, 'administrator_audit_log', now), 'read')) return;
  if (permits(access(subject, target, 'workspace.audit_trail', now), 'use')) return;
  throw new Refusal(
    subject.memberships.some((membership) => membership.organizationId === organizationId) ? 'forbidden' : 'not_found',
  );
}
