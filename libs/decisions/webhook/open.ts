import { Refusal } from '#contracts';
import { Webhook, type EntityManager } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { unconditionally, type Precondition } from '../precondition.ts';
import type { PrivilegedAct } from '../refuse-act.ts';
import { judgeReceiverAct, receivers, type ReceiverKind } from './judge.ts';
import { viewWebhook, type WebhookReference } from './read.ts';

/** A webhook or channel that is being acted on: judged, locked, and as the caller expects it. */
export interface OpenWebhook {
  webhook: Webhook;
  now: Date;
  act: PrivilegedAct;
  /** Writes the act down and tells the id of its event. */
  record: (more?: { facts?: Record<string, unknown>; host?: string | undefined }) => string;
}

export const openWebhook = (
  decision: Decision,
  reference: WebhookReference,
  action: `webhook.${string}`,
  precondition?: Precondition,
): Promise<OpenWebhook> => openReceiver(decision, 'webhook', reference, { action, view: viewWebhook, precondition });

export async function openReceiver(
  decision: Decision,
  kind: ReceiverKind,
  { organizationId, webhookId }: WebhookReference,
  {
    action,
    view,
    precondition = unconditionally,
  }: {
    action: string;
    view: (em: EntityManager, row: Webhook, now: Date) => Promise<unknown>;
    precondition?: Precondition | undefined;
  },
): Promise<OpenWebhook> {
  const { em } = decision;
  const act = { action, organizationIds: [organizationId], subject: { kind, id: webhookId } };
  const by = await judgeReceiverAct(decision, kind, organizationId, act, await decision.now());
  const webhook = await lockRow(em, Webhook, { id: webhookId, organizationId, ...receivers[kind].rows });
  if (!webhook) throw new Refusal('not_found');
  const now = await decision.now();
  await precondition(() => view(em, webhook, now));
  return {
    webhook,
    now,
    act,
    record: ({ facts = {}, host } = {}) =>
      decision.record({ ...act, by, facts, ...(host && { personal: { names: { [webhookId]: host } } }), at: now }).id,
  };
}
