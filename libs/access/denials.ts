/** Why an answer is no, where neither a restriction nor a missing feature says so already. */
import { access, isSettingOf, permits, type Access } from './effective-access.ts';
import { matricesInForce, type Matrices } from './role-matrix.ts';
import { somewhereIn } from './scope.ts';
import { partnerMemberships } from './standing.ts';
import type { Subject, TargetOrganization, TemporaryAccess, TemporaryAccessKind } from './subject.ts';

export type Denial = 'unknown_setting' | 'unknown_action' | 'no_live_access' | 'outside_scope' | 'no_role';

const actions: readonly string[] = ['read', 'write', 'use'];
const temporaryKinds: readonly TemporaryAccessKind[] = ['help_desk_session', 'elevation'];

/**
 * Null where the action is permitted, or where what takes the access away stands among its reasons. `no_live_access`
 * names people whose role would let them with a session or a grant that they do not have now, `outside_scope` those
 * whose role is for other groups and teams; everybody else, known or not, has `no_role` for it.
 */
export function denialOf(
  subject: Subject,
  target: TargetOrganization,
  judged: Access,
  action: string,
  now: Date,
  matrices: Matrices = matricesInForce(),
): Denial | null {
  if (permits(judged, action)) return null;
  if (!isSettingOf(judged.setting, target)) return 'unknown_setting';
  if (!actions.includes(action)) return 'unknown_action';
  if (judged.reasons.some(({ kind }) => kind === 'restriction' || kind === 'feature')) return null;
  const anywhere = access(somewhereIn(subject, target.id), target, judged.setting, now, matrices);
  if (permits(anywhere, action)) return 'outside_scope';
  const helped = { ...subject, temporaryAccess: everyTemporaryAccess(subject, target, now) };
  return permits(access(helped, target, judged.setting, now, matrices), action) ? 'no_live_access' : 'no_role';
}

/** All that the subject could be granted for this customer; what it opens, the roles decide. */
const everyTemporaryAccess = (subject: Subject, target: TargetOrganization, now: Date): TemporaryAccess[] =>
  partnerMemberships(subject, now).flatMap(({ organizationId: partnerId }) =>
    temporaryKinds.map((kind) => ({
      id: kind,
      kind,
      organizationId: target.id,
      partnerId,
      startsAt: now,
      expiresAt: new Date(now.getTime() + 1),
      endedAt: null,
    })),
  );
