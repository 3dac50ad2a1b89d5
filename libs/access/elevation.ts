/** Domain 5: who may ask for elevated access, and what an approval gives. */
import { matricesInForce, type Matrices } from './role-matrix.ts';
import { provisionedBy } from './relationship.ts';
import { restrictionsInForce } from './restrictions.ts';
import { allowed, refused } from './ruling.ts';
import { areas, restrictedSettingsOfArea, type Area, type RestrictedSetting } from './settings.ts';
import { partnerMemberships, partnerRoleHeld } from './standing.ts';
import type { Ruling, Subject, TargetOrganization } from './subject.ts';

/** The partners in whose name the subject may ask; the request names one where there are several. */
export const elevationPartners = (subject: Subject, target: TargetOrganization, now: Date): string[] =>
  partnerMemberships(subject, now)
    .map(({ organizationId }) => organizationId)
    .filter((partnerId) => mayRequestElevation(subject, partnerId, target, now).allowed);

export function mayRequestElevation(
  subject: Subject,
  partnerId: string,
  target: TargetOrganization,
  now: Date,
): Ruling {
  const role = partnerRoleHeld(subject, partnerId, ['help_desk_advanced'], now);
  if (role === null) return refused('not_help_desk_advanced');
  return provisionedBy(target, partnerId, now) ? allowed(role) : refused('no_provisioned_relationship');
}

/** How long a grant lasts, in seconds: the least of what the requester asked for, the approver gave and policy allows. */
export const grantSeconds = ({
  requested,
  approved,
  policyMaximum,
}: {
  requested?: number | null;
  approved?: number | null;
  policyMaximum: number;
}): number => Math.min(requested ?? policyMaximum, approved ?? policyMaximum, policyMaximum);

/** The settings of a customer that a grant opens for writing: what the approver reads before deciding. */
export const settingsOpenedByElevation = (matrices: Matrices = matricesInForce()): Area[] => {
  const rows: Readonly<Record<string, { help_desk_advanced: { level: string } }>> = matrices.customer.rows;
  return areas.filter((area) => rows[area]?.help_desk_advanced.level === 'temporary');
};

/** Whether the customer lacks the area as a feature, or restricted administrator mode closes each single setting of it. */
export function isWhollyRestricted(
  area: Area,
  target: TargetOrganization,
  now: Date,
  { restrictions }: Matrices = matricesInForce(),
): boolean {
  if (target.disabledFeatures.includes(area)) return true;
  const settings: Readonly<Partial<Record<Area, readonly RestrictedSetting[]>>> = restrictedSettingsOfArea;
  return (
    restrictionsInForce(target, now) &&
    (settings[area]?.every((setting) => restrictions[setting] !== undefined) ?? false)
  );
}

/** A ruling with the areas that are in the way. */
export type AreaRuling = { allowed: true } | { allowed: false; code: string; areas: Area[] };

const unlessAny = (code: string, found: Area[]): AreaRuling =>
  found.length === 0 ? { allowed: true } : { allowed: false, code, areas: found };

/** Whether these areas of a customer may be asked for by name: each can be granted, and not each of them is closed. */
export function mayAskForAreas(
  asked: readonly Area[],
  target: TargetOrganization,
  now: Date,
  matrices: Matrices = matricesInForce(),
): AreaRuling {
  const grantable = settingsOpenedByElevation(matrices);
  const ruling = unlessAny(
    'area_not_grantable',
    asked.filter((area) => !grantable.includes(area)),
  );
  if (!ruling.allowed) return ruling;
  const closed = asked.filter((area) => isWhollyRestricted(area, target, now, matrices));
  return unlessAny('area_restricted', closed.length === asked.length ? closed : []);
}

/** An approver strikes areas, and never adds one. `asked`: null is all that a grant opens. */
export const mayGrantAreas = (
  granted: readonly Area[],
  asked: readonly Area[] | null,
  matrices: Matrices = matricesInForce(),
): AreaRuling => {
  const most = asked ?? settingsOpenedByElevation(matrices);
  return unlessAny(
    'areas_beyond_request',
    granted.filter((area) => !most.includes(area)),
  );
};
