import { mayManageApiKeys } from '#access';
import { Refusal } from '#contracts';
import { ApiKey, loadTarget } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { refuseAct } from '../refuse-act.ts';
import { subjectOf } from '../subject-of.ts';

/** The service is out at once; revoking it again changes nothing. */
export async function revokeApiKey(decision: Decision, organizationId: string, apiKeyId: string): Promise<void> {
  const { em, actor } = decision;
  const target = await loadTarget(em, organizationId);
  const key = target && (await lockRow(em, ApiKey, { id: apiKeyId, organizationId }));
  if (!target || !key) throw new Refusal('not_found');
  const now = await decision.now();
  const act = {
    action: 'api-key.revoked',
    organizationIds: [organizationId],
    subject: { kind: 'api-key', id: apiKeyId },
  };
  if (actor.kind !== 'account') return refuseAct(act, 'may_not_manage_api_keys');
  const ruling = mayManageApiKeys(await subjectOf(em, actor), target, now);
  if (!ruling.allowed) return refuseAct(act, ruling.code);
  if (key.revokedAt) return;
  key.revokedAt = now;
  decision.record({ ...act, by: ruling.by, at: now });
}
