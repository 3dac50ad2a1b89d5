import {
  effectiveAccess as judgeEverything,
  organizationSight,
  type Matrices,
  type Subject,
  type TargetOrganization,
} from '#access';
import { Refusal, type EffectiveAccessView } from '#contracts';
import type { Principal } from '#identity';
import { subjectIn, type Standing } from '#persistence';
import { ownSubject } from '../subject-of.ts';
import { mayAskAbout } from './may-ask.ts';

/**
 * What the caller, or somebody they administer, may do with every setting of the organization now, and why. 404 for an
 * organization or a person the caller may not see; members without a role are told that they may do nothing.
 */
export async function readEffectiveAccess(
  standing: Standing,
  principal: Principal,
  organizationId: string,
  accountId: string | undefined,
  /** Whether somebody who belongs to nothing in sight is known to the caller all the same. */
  isKnown: (accountId: string) => Promise<boolean>,
  matrices?: Matrices,
): Promise<EffectiveAccessView> {
  const { subject: caller, target } = openedTo(standing, principal, organizationId);
  if (accountId === undefined || accountId === caller.accountId)
    return readOwnEffectiveAccess(standing, principal, organizationId, matrices);
  const subject = subjectIn(standing, accountId);
  if (subject.memberships.length === 0 && !(await isKnown(accountId))) throw new Refusal('not_found');
  if (!mayAskAbout(standing, principal, accountId, organizationId)) throw new Refusal('forbidden');
  return view(subject, accountId, target, standing.now, matrices);
}

/** As `readEffectiveAccess`, of the caller. */
export function readOwnEffectiveAccess(
  standing: Standing,
  principal: Principal,
  organizationId: string,
  matrices?: Matrices,
): EffectiveAccessView {
  const { subject, target } = openedTo(standing, principal, organizationId);
  return view(subject, principal.kind === 'account' ? principal.accountId : null, target, standing.now, matrices);
}

function openedTo(standing: Standing, principal: Principal, organizationId: string) {
  const target = standing.organizations.get(organizationId);
  if (!target) throw new Refusal('not_found');
  // The bootstrap token reads no tenant data.
  if (principal.kind === 'support') throw new Refusal('forbidden');
  const subject = ownSubject(standing, principal);
  if (organizationSight(subject, target, standing.now) === 'hidden') throw new Refusal('not_found');
  return { subject, target };
}

function view(
  subject: Subject,
  accountId: string | null,
  target: TargetOrganization,
  now: Date,
  matrices?: Matrices,
): EffectiveAccessView {
  const { settings, banner, manageUsers } = judgeEverything(subject, target, now, matrices);
  return {
    organizationId: target.id,
    accountId,
    settings: settings.map(({ setting, level, restriction, reasons }) => ({
      id: setting,
      level,
      ...(restriction && { restriction }),
      reasons: reasons.map(({ kind, id, until }) => ({ kind, id, ...(until && { until: until.toISOString() }) })),
    })),
    banner,
    manageUsers,
  };
}
