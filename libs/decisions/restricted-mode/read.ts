import { maySwitchRestrictedMode, organizationSight, restrictionsInForce } from '#access';
import { Refusal, type RestrictedModeView } from '#contracts';
import { databaseNow, type EntityManager } from '#persistence';
import type { Actor } from '../decision.ts';
import { requireSight } from '../organization/sight.ts';

/** Restricted administrator mode of a customer, as anybody who may see the customer sees it; 404 for all others. */
export async function readRestrictedMode(
  em: EntityManager,
  actor: Actor,
  organizationId: string,
): Promise<RestrictedModeView> {
  const now = await databaseNow(em);
  const { subject, target } = await requireSight(em, actor, organizationId, organizationSight, now);
  if (target.kind !== 'customer') throw new Refusal('not_a_customer');
  return {
    id: organizationId,
    enabled: target.restrictedMode,
    inForce: restrictionsInForce(target, now),
    switchable: maySwitchRestrictedMode(subject, target, now).allowed,
  };
}
