import {
  access,
  denialOf,
  permits,
  permittedUntil,
  within,
  type Access,
  type Denial,
  type Matrices,
  type Subject,
} from '#access';
import type { EvaluationRequest, EvaluationResponse } from '#contracts';
import type { Principal } from '#identity';
import { nobodyOf, subjectIn, type Standing } from '#persistence';
import { ownSubject } from '../subject-of.ts';
import { isUuid } from './asked.ts';
import { mayAskAbout } from './may-ask.ts';

export const denied = (id: string): EvaluationResponse => ({
  decision: false,
  context: { reasons: [{ kind: 'denial', id }] },
});

/**
 * "May they do this now?" by the clock of the database, from standing read for this question. Whatever is unknown,
 * foreign or malformed is a denial with its reason, never an error.
 */
export function evaluate(
  standing: Standing,
  principal: Principal,
  { subject, action, resource }: EvaluationRequest,
  matrices?: Matrices,
): EvaluationResponse {
  const judged = judge(standing, principal, { subject, resource }, matrices);
  if ('denial' in judged) return denied(judged.denial);
  const decision = permits(judged, action.name);
  const denial = judged.denialOf(action.name);
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

/** The temporary access that answers rest on and that let nobody do anything before. */
export function firstUsesIn({ unusedGrantIds }: Standing, answers: readonly EvaluationResponse[]): string[] {
  const reasons = answers.flatMap(({ decision, context }) => (decision ? context.reasons : []));
  return [...new Set(reasons.map(({ id }) => id).filter((id) => unusedGrantIds.has(id)))];
}

/** Access, and why an action it does not permit is denied where its own reasons do not tell. */
export interface JudgedAccess extends Access {
  denialOf: (action: string) => Denial | null;
}

/** The subject's access to the setting, or why the question has no answer but no. */
export function judge(
  standing: Standing,
  principal: Principal,
  { subject, resource }: Pick<EvaluationRequest, 'subject' | 'resource'>,
  matrices?: Matrices,
): JudgedAccess | { denial: string } {
  const { now } = standing;
  const organizationId = resource.properties?.organizationId.toLowerCase();
  const subjectId = subject.id.toLowerCase();
  if (!isSubjectType(subject.type)) return { denial: 'unknown_subject_type' };
  if (resource.type !== 'setting') return { denial: 'unknown_resource_type' };
  if (!isUuid(subjectId)) return { denial: 'unknown_subject' };
  const target = organizationId && standing.organizations.get(organizationId);
  if (!target) return { denial: 'unknown_organization' };
  if (!mayAskAbout(standing, principal, subjectId, organizationId)) return { denial: 'not_yours_to_ask' };
  // Who asks about themselves asks what they may do in this session; anybody else asks about the person.
  const isSelf = principal.kind === 'account' && principal.accountId === subjectId;
  const evaluated = isSelf ? ownSubject(standing, principal) : evaluatedSubject(standing, subject.type, subjectId);
  const there = withinNamed(evaluated, target.id, resource.properties);
  const judged = access(there, target, resource.id, now, matrices);
  return { ...judged, denialOf: (action) => denialOf(there, target, judged, action, now, matrices) };
}

/** A question about a group or a team is answered by what somebody may there, one without by what they may in all of it. */
export function withinNamed(
  evaluated: Subject,
  organizationId: string,
  { groupId, teamId }: { groupId?: string | undefined; teamId?: string | undefined } = {},
): Subject {
  if (groupId === undefined && teamId === undefined) return evaluated;
  return within(evaluated, organizationId, {
    kind: 'groups',
    groupIds: groupId === undefined ? [] : [groupId.toLowerCase()],
    teamIds: teamId === undefined ? [] : [teamId.toLowerCase()],
  });
}

export type SubjectType = 'account' | 'service';

export const isSubjectType = (type: string): type is SubjectType => type === 'account' || type === 'service';

/** A service is no account, and an account no service, whatever id is named. */
export const evaluatedSubject = (standing: Standing, type: SubjectType, id: string): Subject =>
  standing.services.has(id) === (type === 'service') ? subjectIn(standing, id) : nobodyOf(id);
