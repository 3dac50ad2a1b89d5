import { access, denialOf, permits, permittedUntil, type Access, type Denial, type Matrices } from '#access';
import type { EvaluationRequest, EvaluationResponse } from '#contracts';
import type { Principal } from '#identity';
import { databaseNow, loadServiceSubject, loadSubject, loadTarget, type EntityManager } from '#persistence';
import { markUsed } from '../grant/mark-used.ts';
import { subjectInSession } from '../subject-of.ts';
import { mayAskAbout } from './may-ask.ts';

export const denied = (id: string): EvaluationResponse => ({
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
  const judged = await judge(em, principal, { subject, resource }, matrices);
  if ('denial' in judged) return denied(judged.denial);
  const decision = permits(judged, action.name);
  const denial = judged.denialOf(action.name);
  if (decision) await markUsed(em, judged.reasons);
  const until = decision ? permittedUntil(judged, action.name) : null;
  return {
    decision,
    context: {
      reasons: [
        ...judged.reasons.map(({ kind, id, until: end }) => ({
          kind,
          id,
          ...(end && { until: end.toISOString() }),
        })),
        ...(denial ? [{ kind: 'denial' as const, id: denial }] : []),
      ],
      ...(until && { expiresAt: until.toISOString() }),
    },
  };
}

/** Access, and why an action it does not permit is denied where its own reasons do not tell. */
export interface JudgedAccess extends Access {
  denialOf: (action: string) => Denial | null;
}

/** The subject's access to the setting, or why the question has no answer but no. */
export async function judge(
  em: EntityManager,
  principal: Principal,
  { subject, resource }: Pick<EvaluationRequest, 'subject' | 'resource'>,
  matrices?: Matrices,
): Promise<JudgedAccess | { denial: string }> {
  const organizationId = resource.properties?.organizationId;
  if (!isSubjectType(subject.type)) return { denial: 'unknown_subject_type' };
  if (resource.type !== 'setting') return { denial: 'unknown_resource_type' };
  if (!isUuid(subject.id)) return { denial: 'unknown_subject' };
  if (!organizationId || !isUuid(organizationId)) return { denial: 'unknown_organization' };

  const target = await loadTarget(em, organizationId);
  if (!target) return { denial: 'unknown_organization' };
  const now = await databaseNow(em);
  if (!(await mayAskAbout(em, principal, subject.id, organizationId, now))) return { denial: 'not_yours_to_ask' };
  // Who asks about themselves asks what they may do in this session; anybody else asks about the person.
  const isSelf = principal.kind === 'account' && principal.accountId === subject.id;
  const holder = isSelf ? await subjectInSession(em, principal) : await holderOf(em, subject.type, subject.id);
  const judged = access(holder, target, resource.id, now, matrices);
  return { ...judged, denialOf: (action) => denialOf(holder, target, judged, action, now, matrices) };
}

export type SubjectType = 'account' | 'service';

export const isSubjectType = (type: string): type is SubjectType => type === 'account' || type === 'service';

export const holderOf = (em: EntityManager, type: SubjectType, id: string) =>
  type === 'service' ? loadServiceSubject(em, id) : loadSubject(em, id);

export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
}
