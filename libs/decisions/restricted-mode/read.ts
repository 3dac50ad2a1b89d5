import { maySwitchRestrictedMode, restrictionsInForce } from '#access';
import { Refusal, type RestrictedModeView } from '#contracts';
import { databaseNow, loadTarget, type EntityManager } from '#persistence';
import type { Actor } from '../decision.ts';
import { visibleOrganizations } from '../organization/read.ts';
import { subjectOf } from '../subject-of.ts';

/** Restricted administrator mode of a customer, as anybody who may see the customer sees it; 404 for all others. */
export async function readRestrictedMode(
  em: EntityManager,
  actor: Actor,
  organizationId: string,
): Promise<RestrictedModeView> {
  const target = await loadTarget(em, organizationId);
  const subject = await subjectOf(em, actor);
  const now = await databaseNow(em);
  const visible = await visibleOrganizations(em, subject, now);
  if (!target || (visible !== 'all' && !visible.includes(organizationId))) throw new Refusal('not_found');
  if (target.kind !== 'customer') throw new Refusal('not_a_customer');
  return {
    id: organizationId,
    enabled: target.restrictedMode,
    inForce: restrictionsInForce(target, now),
    switchable: maySwitchRestrictedMode(subject, target, now).allowed,
  };
}
