import { Refusal, type WebhookTest } from '#contracts';
import type { Decision } from '../decision.ts';
import { openWebhook } from './open.ts';
import type { WebhookReference } from './read.ts';

/**
 * Records an event that is delivered as every other, in its turn and whatever the webhook's patterns say. Where
 * deliveries fail, the one that waits is tried now.
 */
export async function testWebhook(decision: Decision, reference: WebhookReference): Promise<WebhookTest> {
  const { webhook, record } = await openWebhook(decision, reference, 'webhook.tested');
  if (!webhook.enabled) throw new Refusal('webhook_disabled');
  webhook.nextAttemptAt = null;
  return { eventId: record() };
}
