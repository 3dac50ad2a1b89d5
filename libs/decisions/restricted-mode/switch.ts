import { maySwitchRestrictedMode, provisionedBy } from '#access';
import { Refusal } from '#contracts';
import { holdStanding, loadTarget, Organization } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { visibleOrganizations } from '../organization/read.ts';
import { refuseAct } from '../refuse-act.ts';
import { subjectOf } from '../subject-of.ts';

/**
 * A partner-level administrator switches the mode. The next evaluation goes by it: live grants are cut by what it
 * restricts, and have their reach back when it is off again; none of them ends.
 */
export async function switchRestrictedMode(
  decision: Decision,
  organizationId: string,
  enabled: boolean,
): Promise<void> {
  const { em, actor } = decision;
  await holdStanding(em, actor.id ? [actor.id] : [], organizationId);
  const organization = await lockRow(em, Organization, { id: organizationId });
  const target = await loadTarget(em, organizationId);
  const subject = await subjectOf(em, actor);
  const now = await decision.now();
  const visible = await visibleOrganizations(em, subject, now);
  if (!organization || !target || (visible !== 'all' && !visible.includes(organizationId)))
    throw new Refusal('not_found');

  const partnerIds = subject.memberships
    .map((membership) => membership.organizationId)
    .filter((id) => provisionedBy(target, id, now) !== null);
  const occurrence = {
    action: enabled ? 'restricted-mode.enabled' : 'restricted-mode.disabled',
    organizationIds: [organizationId, ...partnerIds],
    subject: { kind: 'organization', id: organizationId },
  };
  const ruling = maySwitchRestrictedMode(subject, target, now);
  if (!ruling.allowed) return refuseAct(occurrence, ruling.code);
  if (organization.restrictedMode === enabled) return;
  organization.restrictedMode = enabled;
  decision.record({ ...occurrence, by: ruling.by, at: now });
  await em.flush();
}
