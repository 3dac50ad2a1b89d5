import { raw } from '@mikro-orm/postgresql';
import { overlaps, peopleReach, type Scope, type Subject, type TargetOrganization } from '#access';

/** Only rows whose scope has to do with this one: whoever works for a group sees that group's people. */
export function withinReach(reach: Scope): Record<string, []> {
  if (reach.kind === 'client') return {};
  const { groupIds, teamIds } = reach;
  const fragment = raw(
    (row) =>
      `(jsonb_exists_any(${row}.scope -> 'groupIds', ?::text[]) or jsonb_exists_any(${row}.scope -> 'teamIds', ?::text[]))`,
    [`{${groupIds.join(',')}}`, `{${teamIds.join(',')}}`],
  );
  return { [fragment]: [] };
}

/** Whether the subject learns of this member; of oneself everybody does. */
export const isInReach = (
  subject: Subject,
  target: TargetOrganization,
  { accountId, scope }: { accountId?: string; scope: Scope },
  now: Date,
): boolean => accountId === subject.accountId || overlaps(peopleReach(subject, target, now), scope);
