import type { Decision } from '../decision.ts';
import type { Precondition } from '../precondition.ts';
import { openWebhook } from './open.ts';
import type { WebhookReference } from './read.ts';

/** From here on nothing is sent; a request that is under way may still arrive. The trail keeps that there was one. */
export async function deleteWebhook(
  decision: Decision,
  reference: WebhookReference,
  precondition?: Precondition,
): Promise<void> {
  const { webhook, record } = await openWebhook(decision, reference, 'webhook.deleted', precondition);
  record();
  decision.em.remove(webhook);
}
