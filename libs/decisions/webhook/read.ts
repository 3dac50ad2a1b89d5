import type { z } from 'zod';
import { organizationSight } from '#access';
import { Refusal, type webhookQuery, type WebhookView } from '#contracts';
import { Account, databaseNow, Webhook, type EntityManager } from '#persistence';
import type { Actor } from '../decision.ts';
import { requireSight } from '../organization/sight.ts';
import { decodeCursor, pageOf } from '../page.ts';
import { receivers, type ReceiverKind } from './judge.ts';
import { formerSecretsInForce } from './secret.ts';

export interface WebhookReference {
  organizationId: string;
  webhookId: string;
}

/** How a list of rows is shown. */
type ViewAll<View> = (em: EntityManager, rows: readonly Webhook[], now: Date) => Promise<View[]>;

/** The organization's webhooks, newest first; never their secrets. */
export const listWebhooks = (
  em: EntityManager,
  actor: Actor,
  organizationId: string,
  query: z.infer<typeof webhookQuery>,
) => listReceivers(em, actor, 'webhook', organizationId, query, viewWebhooks);

export const readWebhook = (em: EntityManager, actor: Actor, reference: WebhookReference): Promise<WebhookView> =>
  readReceiver(em, actor, 'webhook', reference, viewWebhooks);

export async function listReceivers<View>(
  em: EntityManager,
  actor: Actor,
  kind: ReceiverKind,
  organizationId: string,
  { limit, cursor }: z.infer<typeof webhookQuery>,
  viewAll: ViewAll<View>,
): Promise<{ items: View[]; nextCursor: string | null }> {
  const now = await requireManager(em, actor, kind, organizationId);
  const rows = await em.find(
    Webhook,
    { organizationId, ...receivers[kind].rows, ...(cursor && { id: { $lt: decodeCursor(cursor) } }) },
    { orderBy: { id: 'desc' }, limit: limit + 1 },
  );
  const { rows: kept, nextCursor } = pageOf(rows, limit);
  return { items: await viewAll(em, kept, now), nextCursor };
}

export async function readReceiver<View>(
  em: EntityManager,
  actor: Actor,
  kind: ReceiverKind,
  { organizationId, webhookId }: WebhookReference,
  viewAll: ViewAll<View>,
): Promise<View> {
  const now = await requireManager(em, actor, kind, organizationId);
  const webhook = await em.findOne(Webhook, { id: webhookId, organizationId, ...receivers[kind].rows });
  if (!webhook) throw new Refusal('not_found');
  return theOne(await viewAll(em, [webhook], now));
}

async function requireManager(
  em: EntityManager,
  actor: Actor,
  kind: ReceiverKind,
  organizationId: string,
): Promise<Date> {
  const now = await databaseNow(em);
  const { subject, target } = await requireSight(em, actor, organizationId, organizationSight, now);
  const { mayManage, code } = receivers[kind];
  if (!mayManage(subject, target, now).allowed) throw new Refusal(code);
  return now;
}

export async function viewWebhook(em: EntityManager, webhook: Webhook, now: Date): Promise<WebhookView> {
  return theOne(await viewWebhooks(em, [webhook], now));
}

export function theOne<View>([view]: readonly View[]): View {
  if (!view) throw new Error('One row has one view');
  return view;
}

const viewWebhooks: ViewAll<WebhookView> = async (em, rows, now) => {
  const creators = await creatorsOf(em, rows);
  return rows.map((row) => ({
    ...viewCourse(row, creators),
    url: row.url,
    actions: row.actions ?? null,
    position: row.position,
    previousSecretUntil: formerSecretsInForce(row, now)[0]?.until ?? null,
  }));
};

type Creators = ReadonlyMap<string, Account>;

export async function creatorsOf(em: EntityManager, rows: readonly Webhook[]): Promise<Creators> {
  const ids = rows.flatMap((row) => row.createdByAccountId ?? []);
  return new Map((await em.find(Account, { id: { $in: ids } })).map((account) => [account.id, account]));
}

/** What every receiver's view tells: whose it is, and how its deliveries go. */
export function viewCourse(row: Webhook, creators: Creators) {
  const creator = creators.get(row.createdByAccountId ?? '');
  return {
    id: row.id,
    organizationId: row.organizationId,
    description: row.description ?? null,
    enabled: row.enabled,
    status: row.enabled ? (row.failures === 0 ? ('active' as const) : ('failing' as const)) : ('disabled' as const),
    disabledReason: row.disabledReason ?? null,
    lastDeliveredAt: row.lastDeliveredAt?.toISOString() ?? null,
    lastFailure: row.lastFailure ?? null,
    nextAttemptAt: row.nextAttemptAt?.toISOString() ?? null,
    createdBy: creator ? { id: creator.id, displayName: creator.displayName } : null,
    createdAt: row.createdAt.toISOString(),
  };
}
