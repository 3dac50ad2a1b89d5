import { maySwitchRestrictedMode, organizationSight, provisionedBy } from '#access';
import { Refusal } from '#contracts';
import { holdStanding, Organization } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { requireSightFor } from '../organization/sight.ts';
import { unconditionally, type Precondition } from '../precondition.ts';
import { refuseAct } from '../refuse-act.ts';
import { readRestrictedMode } from './read.ts';
import { toldOfOrganization } from '../standing-told.ts';

/**
 * A partner-level administrator switches the mode. The next evaluation goes by it: live grants are cut by what it
 * restricts, and have their reach back when it is off again; none of them ends.
 */
export async function switchRestrictedMode(
  decision: Decision,
  organizationId: string,
  enabled: boolean,
  precondition: Precondition = unconditionally,
): Promise<void> {
  const { em, actor } = decision;
  await holdStanding(em, actor.id ? [actor.id] : [], organizationId);
  const organization = await lockRow(em, Organization, { id: organizationId });
  if (!organization) throw new Refusal('not_found');
  const now = await decision.now();
  const act = {
    action: enabled ? 'restricted-mode.enabled' : 'restricted-mode.disabled',
    organizationIds: [organizationId],
    subject: { kind: 'organization', id: organizationId },
  };
  const { subject, target } = await requireSightFor(act, em, actor, organizationId, organizationSight, now);
  const partnerIds = subject.memberships
    .map((membership) => membership.organizationId)
    .filter((id) => provisionedBy(target, id, now) !== null);
  const occurrence = { ...act, organizationIds: [organizationId, ...partnerIds] };
  const ruling = maySwitchRestrictedMode(subject, target, now);
  if (!ruling.allowed) return refuseAct(occurrence, ruling.code);
  await precondition(() => readRestrictedMode(em, actor, organizationId));
  if (organization.restrictedMode === enabled) return;
  organization.restrictedMode = enabled;
  decision.record({
    ...occurrence,
    by: ruling.by,
    standing: { organizations: [toldOfOrganization(organization)] },
    at: now,
  });
  await em.flush();
}
