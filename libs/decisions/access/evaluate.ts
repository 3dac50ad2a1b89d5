import { access, permits, permittedUntil, type Matrices, type Subject } from '#access';
import type { EvaluationRequest, EvaluationResponse } from '#contracts';
import { databaseNow, loadServiceSubject, loadSubject, loadTarget, type EntityManager } from '#persistence';
import type { Principal } from '#identity';

const denied = (id: string): EvaluationResponse => ({
  decision: false,
  context: { reasons: [{ kind: 'denial', id }] },
});

/**
 * "May they do this now?" by the clock of the database, from rows read in this transaction. Whatever is unknown,
 * foreign or malformed is a denial with its reason, never an error.
 */
export async function evaluate(
  em: EntityManager,
  principal: Principal,
  { subject, action, resource }: EvaluationRequest,
  matrices?: Matrices,
): Promise<EvaluationResponse> {
  const organizationId = resource.properties?.organizationId;
  if (subject.type !== 'account' && subject.type !== 'service') return denied('unknown_subject_type');
  if (resource.type !== 'setting') return denied('unknown_resource_type');
  if (!isUuid(subject.id)) return denied('unknown_subject');
  if (!organizationId || !isUuid(organizationId)) return denied('unknown_organization');

  const target = await loadTarget(em, organizationId);
  if (!target) return denied('unknown_organization');
  const now = await databaseNow(em);
  if (!(await mayAsk(em, principal, subject.id, organizationId, now))) return denied('not_yours_to_ask');
  const holder =
    subject.type === 'service' ? await loadServiceSubject(em, subject.id) : await loadSubject(em, subject.id);

  const judged = access(holder, target, resource.id, now, matrices);
  const decision = permits(judged, action.name);
  const until = decision ? permittedUntil(judged, action.name) : null;
  return {
    decision,
    context: {
      reasons: judged.reasons.map(({ kind, id, until: end }) => ({
        kind,
        id,
        ...(end && { until: end.toISOString() }),
      })),
      ...(until && { expiresAt: until.toISOString() }),
    },
  };
}

/** A service asks about anybody within its organization, a person about themselves and those they administer. */
async function mayAsk(
  em: EntityManager,
  principal: Principal,
  subjectId: string,
  organizationId: string,
  now: Date,
): Promise<boolean> {
  if (principal.kind === 'support') return false;
  if (principal.kind === 'service') {
    if (organizationId === principal.organizationId) return true;
    const subject = await loadSubject(em, subjectId);
    return subject.memberships.some((membership) => membership.organizationId === principal.organizationId);
  }
  if (principal.accountId === subjectId) return true;
  const viewer: Subject = await loadSubject(em, principal.accountId);
  const subject = await loadSubject(em, subjectId);
  for (const id of new Set([organizationId, ...subject.memberships.map((membership) => membership.organizationId)])) {
    const target = await loadTarget(em, id);
    if (target && permits(access(viewer, target, 'users_and_licences', now), 'read')) return true;
  }
  return false;
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
}
