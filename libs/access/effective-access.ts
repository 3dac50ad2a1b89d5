/**
 * The one question everything comes down to: what may this subject do with this setting of this organization now, and
 * why. Access = entitlements − restrictions − features the tenant lacks.
 */
import { entitlements, type Entitlement } from './entitlements.ts';
import { highest, lowest, rank, type AccessLevel, type Reason } from './levels.ts';
import {
  levelUnderRestriction,
  restrictedModeBanner,
  restrictionsInForce,
  shownRestriction,
  type RestrictionEffect,
  type RestrictionKind,
} from './restrictions.ts';
import { matricesInForce, type Matrices } from './role-matrix.ts';
import { isOrganizationRole } from './roles.ts';
import { areaOf, isPartnerSetting, isRestrictedSetting, isSetting, settings, type Setting } from './settings.ts';
import { liveMembershipsIn } from './standing.ts';
import type { Subject, TargetOrganization } from './subject.ts';

export interface Access {
  /** The id asked for, known or not. */
  setting: string;
  level: AccessLevel;
  /** Set where restricted administrator mode stands between the subject and the setting. */
  restriction?: RestrictionKind;
  /** What gives access, strongest first, then what takes it away. */
  reasons: Reason[];
}

export interface EffectiveAccess {
  settings: Access[];
  banner: null | { code: string; text: string };
  manageUsers: { enabled: boolean };
}

/** Partner settings exist in partner organizations, log retrieval on customers; all else everywhere. */
function appliesTo(setting: Setting, target: TargetOrganization): boolean {
  if (isPartnerSetting(setting)) return target.kind === 'partner';
  if (setting === 'retrieve_logs') return target.kind === 'customer';
  return true;
}

/** Whether there is such a setting in this organization. */
export const isSettingOf = (setting: string, target: TargetOrganization): boolean =>
  isSetting(setting) && appliesTo(setting, target);

const disabledFeature = (setting: Setting, target: TargetOrganization): string | undefined =>
  [setting, ...(isRestrictedSetting(setting) ? [areaOf(setting)] : [])].find((id) =>
    target.disabledFeatures.includes(id),
  );

const levelOf = (given: readonly Entitlement[]): AccessLevel => highest(given.map(({ level }) => level));

function restrictionEffect(
  setting: Setting,
  target: TargetOrganization,
  now: Date,
  { restrictions }: Matrices,
): RestrictionEffect | undefined {
  return isRestrictedSetting(setting) && restrictionsInForce(target, now) ? restrictions[setting] : undefined;
}

/** Takes the restriction off what is restrictable; a partner-level standing beside it stays whole. */
function restrict(setting: Setting, given: readonly Entitlement[], effect: RestrictionEffect | undefined) {
  const restrictable = levelOf(given.filter((entitlement) => entitlement.restrictable));
  const unrestricted = levelOf(given.filter((entitlement) => !entitlement.restrictable));
  if (effect === undefined || rank[unrestricted] >= rank[restrictable]) return { level: levelOf(given), reasons: [] };
  const id = effect === 'only_while_off' ? 'restricted_administrator_mode' : setting;
  const reason: Reason = { kind: 'restriction', id };
  return {
    level: highest([unrestricted, lowest(restrictable, levelUnderRestriction[effect])]),
    restriction: shownRestriction[effect],
    reasons: [reason],
  };
}

/**
 * Level and reasons for one setting. An unknown setting, or one this kind of organization does not have, gives `none`
 * without reasons. A service has no more than the person it answers to has at this moment.
 */
export function access(
  subject: Subject,
  target: TargetOrganization,
  setting: string,
  now: Date,
  matrices: Matrices = matricesInForce(),
): Access {
  const own = ownAccess(subject, target, setting, now, matrices);
  if (subject.onBehalfOf === undefined) return own;
  return atMost(ownAccess(subject.onBehalfOf, target, setting, now, matrices), own);
}

/** What is left of `own` under another's access: no higher, and no longer. */
function atMost(limit: Access, own: Access): Access {
  const level = lowest(own.level, limit.level);
  const end = permittedUntil(limit, level);
  const reasons = own.reasons.map((reason): Reason => {
    if (reason.level === undefined) return reason;
    const until = end && (reason.until === undefined || end < reason.until) ? end : reason.until;
    return { ...reason, level: lowest(reason.level, limit.level), ...(until && { until }) };
  });
  // What gives nothing any more is no reason.
  return { ...own, level, reasons: reasons.filter((reason) => reason.level !== 'none') };
}

function ownAccess(
  subject: Subject,
  target: TargetOrganization,
  setting: string,
  now: Date,
  matrices: Matrices,
): Access {
  if (!isSetting(setting) || !appliesTo(setting, target)) return { setting, level: 'none', reasons: [] };
  const given = entitlements(subject, target, setting, now, matrices);
  const granted = given.map(({ reason }) => reason);
  const { reasons: restrictions, ...rest } = restrict(
    setting,
    given,
    restrictionEffect(setting, target, now, matrices),
  );
  const feature = disabledFeature(setting, target);
  if (feature !== undefined) {
    const missing: Reason = { kind: 'feature', id: feature };
    return { setting, ...rest, level: 'none', reasons: [...granted, ...restrictions, missing] };
  }
  return { setting, ...rest, reasons: [...granted, ...restrictions] };
}

/** Every setting of the organization, with what its administrators are told about restricted administrator mode. */
export function effectiveAccess(
  subject: Subject,
  target: TargetOrganization,
  now: Date,
  matrices: Matrices = matricesInForce(),
): EffectiveAccess {
  const ownAdministrator = liveMembershipsIn(subject, target.id, now).some(({ administratorRoles }) =>
    administratorRoles.some(isOrganizationRole),
  );
  return {
    settings: settings
      .filter((setting) => appliesTo(setting, target))
      .map((setting) => access(subject, target, setting, now, matrices)),
    banner: ownAdministrator && restrictionsInForce(target, now) ? { ...restrictedModeBanner } : null,
    manageUsers: { enabled: permits(access(subject, target, 'users.manual_add_modify', now, matrices), 'write') },
  };
}

const permittedActions: Readonly<Record<AccessLevel, readonly string[]>> = {
  none: [],
  read: ['read'],
  write: ['read', 'write'],
  use: ['use'],
};

/** Whether the level allows the action; an action other than `read`, `write` or `use` is denied. */
export const permits = ({ level }: Pick<Access, 'level'>, action: string): boolean =>
  permittedActions[level].includes(action);

/**
 * When a permitted action ends by itself: the latest end among the reasons that carry it, null where one of them has
 * none or where the action is not permitted at all.
 */
export function permittedUntil(of: Access, action: string): Date | null {
  if (!permits(of, action)) return null;
  const ends = of.reasons
    .filter(({ level }) => level !== undefined && permits({ level }, action))
    .map(({ until }) => until);
  return ends.reduce<Date | null>(
    (latest, end) => (latest === null || end === undefined ? null : end > latest ? end : latest),
    ends[0] ?? null,
  );
}
