import { Refusal } from '#contracts';
import { Webhook } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { unconditionally, type Precondition } from '../precondition.ts';
import type { PrivilegedAct } from '../refuse-act.ts';
import { judgeWebhookAct } from './judge.ts';
import { viewWebhook, type WebhookReference } from './read.ts';

/** A webhook that is being acted on: judged, locked, and as the caller expects it. */
export interface OpenWebhook {
  webhook: Webhook;
  now: Date;
  act: PrivilegedAct;
  /** Writes the act down and tells the id of its event. */
  record: (more?: { facts?: Record<string, unknown>; host?: string | undefined }) => string;
}

export async function openWebhook(
  decision: Decision,
  { organizationId, webhookId }: WebhookReference,
  action: string,
  precondition: Precondition = unconditionally,
): Promise<OpenWebhook> {
  const { em } = decision;
  const act = { action, organizationIds: [organizationId], subject: { kind: 'webhook', id: webhookId } };
  const by = await judgeWebhookAct(decision, organizationId, act, await decision.now());
  const webhook = await lockRow(em, Webhook, { id: webhookId, organizationId });
  if (!webhook) throw new Refusal('not_found');
  const now = await decision.now();
  await precondition(() => viewWebhook(em, webhook, now));
  return {
    webhook,
    now,
    act,
    record: ({ facts = {}, host } = {}) =>
      decision.record({ ...act, by, facts, ...(host && { personal: { names: { [webhookId]: host } } }), at: now }).id,
  };
}
