import { Refusal } from '#contracts';
import type { Decision } from './decision.ts';
import { refuseAct } from './refuse-act.ts';
import { subjectOf } from './subject-of.ts';

/**
 * The person who acts: access is asked for by people. What a service tries is on record with the organization it
 * belongs to.
 */
export async function requirePerson({ em, actor }: Decision, action: string): Promise<string> {
  if (actor.kind === 'account' && actor.id) return actor.id;
  const { memberships } = await subjectOf(em, actor);
  const organizationIds = memberships.map(({ organizationId }) => organizationId);
  const [organizationId] = organizationIds;
  // The bootstrap support token belongs to no organization that could read the record.
  if (!organizationId) throw new Refusal('person_required');
  return refuseAct(
    { action, organizationIds, subject: { kind: 'organization', id: organizationId } },
    'person_required',
  );
}
