import { defaultApiKeyScopes, mayCreateApiKey, organizationSight } from '#access';
import type { ApiKeyView, CreateApiKey } from '#contracts';
import { newToken, tokenDigest } from '#identity';
import { ApiKey } from '#persistence';
import type { Decision } from '../decision.ts';
import { requireSightFor } from '../organization/sight.ts';
import { refuseAct } from '../refuse-act.ts';
import { missingProof } from '../session/require-proof.ts';
import { endOf } from './end-of.ts';
import { viewApiKey } from './list.ts';

/** A service principal of the organization. People make services; a service makes none. The token is told this once. */
export async function createApiKey(
  decision: Decision,
  organizationId: string,
  input: CreateApiKey,
): Promise<{ view: ApiKeyView; token: string }> {
  const { em, actor } = decision;
  const now = await decision.now();
  const roles = { workspaceRole: input.workspaceRole ?? null, administratorRoles: input.administratorRoles ?? [] };
  const act = {
    action: 'api-key.created',
    organizationIds: [organizationId],
    subject: { kind: 'organization', id: organizationId },
  };
  const { subject, target } = await requireSightFor(act, em, actor, organizationId, organizationSight, now);
  if (actor.kind !== 'account' || !actor.id) return refuseAct(act, 'may_not_manage_api_keys');
  const ruling = mayCreateApiKey(subject, target, roles, now);
  if (!ruling.allowed) return refuseAct(act, ruling.code);
  const missing = await missingProof(decision, organizationId, now);
  if (missing) return refuseAct(act, 'step_up_required', missing);

  const token = newToken('cs_key');
  const bounds = {
    ...roles,
    scopes: [...(input.scopes ?? defaultApiKeyScopes)],
    allowedNetworks: input.allowedNetworks ?? [],
    expiresAt: endOf(input, now),
  };
  const key = em.create(ApiKey, {
    organizationId,
    name: input.name,
    tokenDigest: tokenDigest(token),
    ...bounds,
    createdByAccountId: actor.id,
    responsibleId: actor.id,
    createdAt: now,
  });
  await em.flush();
  decision.record({
    ...act,
    by: ruling.by,
    subject: { kind: 'api-key', id: key.id },
    facts: { ...bounds },
    personal: { names: { [key.id]: key.name } },
    at: now,
  });
  return { view: await viewApiKey(em, key), token };
}
