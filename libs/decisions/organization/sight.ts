import type { Sight, Subject, TargetOrganization } from '#access';
import { Refusal } from '#contracts';
import { loadTarget, type EntityManager } from '#persistence';
import type { Actor } from '../decision.ts';
import { refuseAct, type PrivilegedAct } from '../refuse-act.ts';
import { subjectOf } from '../subject-of.ts';

type SightRule = (subject: Subject, target: TargetOrganization, now: Date) => Sight;

export interface Seen {
  target: TargetOrganization;
  subject: Subject;
}

/** Before reading: 404 for whoever it is not there for, 403 for its own people without the right to look. */
export async function requireSight(
  em: EntityManager,
  actor: Actor,
  organizationId: string,
  sightOf: SightRule,
  now: Date,
): Promise<Seen> {
  const { sight, ...seen } = await look(em, actor, organizationId, sightOf, now);
  if (sight !== 'seen') throw new Refusal(sight === 'hidden' ? 'not_found' : 'forbidden');
  return seen;
}

/**
 * Before an act: whoever may not see what it is about is answered as if it did not exist, and the try goes on record
 * where the organization is in their reach at all. Its own people without sight are left to the rule of the act.
 */
export async function requireSightFor(
  act: PrivilegedAct,
  em: EntityManager,
  actor: Actor,
  organizationId: string,
  sightOf: SightRule,
  now: Date,
): Promise<Seen> {
  const { sight, ...seen } = await look(em, actor, organizationId, sightOf, now);
  return sight === 'hidden' ? refuseAct({ ...act, because: 'forbidden' }, 'not_found') : seen;
}

async function look(
  em: EntityManager,
  actor: Actor,
  organizationId: string,
  sightOf: SightRule,
  now: Date,
): Promise<Seen & { sight: Sight }> {
  const target = await loadTarget(em, organizationId);
  if (!target) throw new Refusal('not_found');
  const subject = await subjectOf(em, actor);
  return { target, subject, sight: sightOf(subject, target, now) };
}
