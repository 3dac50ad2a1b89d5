import { mayManageApiKeys, organizationSight } from '#access';
import { Refusal } from '#contracts';
import { ApiKey } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { requireSightFor } from '../organization/sight.ts';
import { unconditionally, type Precondition } from '../precondition.ts';
import { refuseAct } from '../refuse-act.ts';
import { missingProof } from '../session/require-proof.ts';
import { viewApiKey } from './list.ts';

/** The service is out at once; revoking it again changes nothing. */
export async function revokeApiKey(
  decision: Decision,
  organizationId: string,
  apiKeyId: string,
  precondition: Precondition = unconditionally,
): Promise<void> {
  const { em, actor } = decision;
  const now = await decision.now();
  const act = {
    action: 'api-key.revoked',
    organizationIds: [organizationId],
    subject: { kind: 'api-key', id: apiKeyId },
  };
  const { subject, target } = await requireSightFor(act, em, actor, organizationId, organizationSight, now);
  if (actor.kind !== 'account') return refuseAct(act, 'may_not_manage_api_keys');
  const ruling = mayManageApiKeys(subject, target, now);
  if (!ruling.allowed) return refuseAct(act, ruling.code);
  const missing = await missingProof(decision, organizationId, now);
  if (missing) return refuseAct(act, 'step_up_required', missing);
  const key = await lockRow(em, ApiKey, { id: apiKeyId, organizationId });
  if (!key) throw new Refusal('not_found');
  await precondition(() => viewApiKey(em, key));
  if (key.revokedAt) return;
  key.revokedAt = now;
  decision.record({ ...act, by: ruling.by, at: now });
}
