import type { z } from 'zod';
import { mayManageWebhooks, organizationSight } from '#access';
import { Refusal, type webhookQuery, type WebhookView } from '#contracts';
import { Account, databaseNow, Webhook, type EntityManager } from '#persistence';
import type { Actor } from '../decision.ts';
import { requireSight } from '../organization/sight.ts';
import { decodeCursor, pageOf } from '../page.ts';
import { formerSecretsInForce } from './secret.ts';

export interface WebhookReference {
  organizationId: string;
  webhookId: string;
}

/** The organization's webhooks, newest first; never their secrets. */
export async function listWebhooks(
  em: EntityManager,
  actor: Actor,
  organizationId: string,
  { limit, cursor }: z.infer<typeof webhookQuery>,
): Promise<{ items: WebhookView[]; nextCursor: string | null }> {
  const now = await requireManager(em, actor, organizationId);
  const rows = await em.find(
    Webhook,
    { organizationId, ...(cursor && { id: { $lt: decodeCursor(cursor) } }) },
    { orderBy: { id: 'desc' }, limit: limit + 1 },
  );
  const { rows: kept, nextCursor } = pageOf(rows, limit);
  return { items: await viewWebhooks(em, kept, now), nextCursor };
}

export async function readWebhook(
  em: EntityManager,
  actor: Actor,
  { organizationId, webhookId }: WebhookReference,
): Promise<WebhookView> {
  const now = await requireManager(em, actor, organizationId);
  const webhook = await em.findOne(Webhook, { id: webhookId, organizationId });
  if (!webhook) throw new Refusal('not_found');
  return viewWebhook(em, webhook, now);
}

async function requireManager(em: EntityManager, actor: Actor, organizationId: string): Promise<Date> {
  const now = await databaseNow(em);
  const { subject, target } = await requireSight(em, actor, organizationId, organizationSight, now);
  if (!mayManageWebhooks(subject, target, now).allowed) throw new Refusal('may_not_manage_webhooks');
  return now;
}

export async function viewWebhook(em: EntityManager, webhook: Webhook, now: Date): Promise<WebhookView> {
  const [view] = await viewWebhooks(em, [webhook], now);
  if (!view) throw new Error('One row has one view');
  return view;
}

async function viewWebhooks(em: EntityManager, rows: readonly Webhook[], now: Date): Promise<WebhookView[]> {
  const ids = rows.flatMap((row) => row.createdByAccountId ?? []);
  const creators = new Map((await em.find(Account, { id: { $in: ids } })).map((account) => [account.id, account]));
  return rows.map((row) => {
    const creator = creators.get(row.createdByAccountId ?? '');
    return {
      id: row.id,
      organizationId: row.organizationId,
      url: row.url,
      actions: row.actions ?? null,
      description: row.description ?? null,
      enabled: row.enabled,
      status: row.enabled ? (row.failures === 0 ? 'active' : 'failing') : 'disabled',
      disabledReason: row.disabledReason ?? null,
      position: row.position,
      lastDeliveredAt: row.lastDeliveredAt?.toISOString() ?? null,
      lastFailure: row.lastFailure ?? null,
      nextAttemptAt: row.nextAttemptAt?.toISOString() ?? null,
      previousSecretUntil: formerSecretsInForce(row, now)[0]?.until ?? null,
      createdBy: creator ? { id: creator.id, displayName: creator.displayName } : null,
      createdAt: row.createdAt.toISOString(),
    };
  });
}
