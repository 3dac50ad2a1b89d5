import { mayKeepRecoveryCodes, organizationSight } from '#access';
import { Refusal } from '#contracts';
import { databaseNow, inSystemRole, OrganizationRecoveryCode, type EntityManager } from '#persistence';
import type { Actor } from '../decision.ts';
import { requireSight } from '../organization/sight.ts';

/** How many codes an Owner's organization has left; never which. */
export async function readOrganizationRecoveryCodes(
  em: EntityManager,
  actor: Actor,
  organizationId: string,
): Promise<{ recoveryCodesLeft: number }> {
  const now = await databaseNow(em);
  const { subject, target } = await requireSight(em, actor, organizationId, organizationSight, now);
  if (!mayKeepRecoveryCodes(subject, target, now).allowed) throw new Refusal('forbidden');
  const recoveryCodesLeft = await inSystemRole(em, () =>
    em.count(OrganizationRecoveryCode, { organizationId, usedAt: null }),
  );
  return { recoveryCodesLeft };
}
