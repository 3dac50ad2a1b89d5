import { apiKeyTerms, mayManageApiKeys, mayRenewApiKey, organizationSight } from '#access';
import { Refusal, type ApiKeyView, type RenewApiKey } from '#contracts';
import { newToken, tokenDigest } from '#identity';
import { ApiKey, loadSubject } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { requireSightFor } from '../organization/sight.ts';
import { unconditionally, type Precondition } from '../precondition.ts';
import { refuseAct } from '../refuse-act.ts';
import { missingProof } from '../session/require-proof.ts';
import { after, endOf } from './end-of.ts';
import { viewApiKey } from './list.ts';
import { isOver, rolesOf } from './state.ts';

/** Gives a live key a new token. Of several in a row only the last has a former one. */
export async function renewApiKey(
  decision: Decision,
  { organizationId, apiKeyId }: { organizationId: string; apiKeyId: string },
  { overlapSeconds = apiKeyTerms.overlap, expiresAt }: RenewApiKey,
  { action, takesOver }: { action: string; takesOver: boolean },
  precondition: Precondition = unconditionally,
): Promise<{ view: ApiKeyView; token: string }> {
  const { em, actor } = decision;
  const act = { action, organizationIds: [organizationId], subject: { kind: 'api-key', id: apiKeyId } };
  const key = await lockRow(em, ApiKey, { id: apiKeyId, organizationId });
  const now = await decision.now();
  const { subject, target } = await requireSightFor(act, em, actor, organizationId, organizationSight, now);
  if (actor.kind !== 'account' || !actor.id || !mayManageApiKeys(subject, target, now).allowed)
    return refuseAct(act, 'may_not_manage_api_keys');
  if (!key) throw new Refusal('not_found');
  const ruling = mayRenewApiKey(
    subject,
    target,
    { ...rolesOf(key), responsibleId: key.responsibleId },
    { takesOver },
    now,
  );
  if (!ruling.allowed) return refuseAct(act, ruling.code);
  const missing = await missingProof(decision, organizationId, now);
  if (missing) return refuseAct(act, 'step_up_required', missing);
  await precondition(() => viewApiKey(em, key));
  // What ended with its maker is not brought back: whoever left still knows the token.
  const former = await loadSubject(em, key.responsibleId);
  if (isOver(key, former, target, now)) throw new Refusal('api_key_over');

  const token = newToken('cs_key');
  const overlapEnd = after(now, overlapSeconds);
  const formerTokenUntil = overlapEnd < key.expiresAt ? overlapEnd : key.expiresAt;
  const from = key.responsibleId;
  em.assign(key, {
    tokenDigest: tokenDigest(token),
    formerTokenDigest: key.tokenDigest,
    formerTokenUntil,
    formerResponsibleId: from,
    responsibleId: actor.id,
    expiresAt: endOf({ expiresAt }, now),
  });
  await em.flush();
  decision.record({
    ...act,
    by: ruling.by,
    facts: {
      expiresAt: key.expiresAt,
      formerTokenUntil,
      ...(takesOver && { fromAccountId: from, toAccountId: actor.id }),
    },
    at: now,
  });
  return { view: await viewApiKey(em, key), token };
}
