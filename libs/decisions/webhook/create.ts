import { Refusal, type CreateWebhook, type WebhookView } from '#contracts';
import { Organization, Webhook } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { judgeReceiverAct } from './judge.ts';
import { viewWebhook } from './read.ts';
import { newWebhookSecret } from './secret.ts';
import { hostOf, requireAllowedUrl } from './url.ts';

/** Each may hold a connection for ten seconds; what needs more receivers fans out behind one. */
export const maximumWebhooks = 10;

/** The view of a webhook and its secret as it is kept: to be told once, and again to a repeated request. */
export interface WebhookWithSealedSecret {
  view: WebhookView;
  sealedSecret: string;
}

/** Sends what is sealed from now on, its own `webhook.created` among the first. */
export async function createWebhook(
  decision: Decision,
  organizationId: string,
  { url, actions, description }: CreateWebhook,
): Promise<WebhookWithSealedSecret> {
  const { em, actor, settings } = decision;
  const now = await decision.now();
  const act = {
    action: 'webhook.created',
    organizationIds: [organizationId],
    subject: { kind: 'organization', id: organizationId },
  };
  const by = await judgeReceiverAct(decision, 'webhook', organizationId, act, now);
  requireAllowedUrl(url, settings, act);
  await requireRoom(decision, organizationId);

  const { sealed } = newWebhookSecret(settings.sealingKeys);
  const webhook = em.create(Webhook, {
    organizationId,
    url,
    actions: actions ?? null,
    description: description ?? null,
    sealedSecret: sealed,
    createdByAccountId: actor.id,
    vouchedByAccountId: actor.id,
    position: await lastPosition(decision, organizationId),
    createdAt: now,
  });
  await em.flush();
  decision.record({
    ...act,
    by,
    subject: { kind: 'webhook', id: webhook.id },
    facts: { actions: webhook.actions },
    personal: { names: { [webhook.id]: hostOf(url) } },
    at: now,
  });
  return { view: await viewWebhook(em, webhook, now), sealedSecret: sealed };
}

/** Channels count, too: held, so that two at once do not both find room for one more. */
export async function requireRoom({ em }: Decision, organizationId: string): Promise<void> {
  await lockRow(em, Organization, { id: organizationId });
  if ((await em.count(Webhook, { organizationId })) >= maximumWebhooks)
    throw new Refusal('webhook_limit_reached', { maximum: maximumWebhooks });
}

/** What is sealed from now on comes after it. */
export async function lastPosition({ em }: Decision, organizationId: string): Promise<number> {
  const [row] = await em.execute<{ position: number }[]>(
    'select coalesce(max(position), 0) as position from audit_seal where organization_id = ?',
    [organizationId],
  );
  return row?.position ?? 0;
}
