import type { Decision } from '../decision.ts';
import type { Precondition } from '../precondition.ts';
import type { WebhookWithSealedSecret } from './create.ts';
import { openWebhook } from './open.ts';
import { viewWebhook, type WebhookReference } from './read.ts';
import { newWebhookSecret, previousSecretSeconds } from './secret.ts';

/** A new secret; the former one signs beside it for a day. Of several rotations in a day only the last has a former one. */
export async function rotateWebhookSecret(
  decision: Decision,
  reference: WebhookReference,
  precondition?: Precondition,
): Promise<WebhookWithSealedSecret> {
  const { em, settings } = decision;
  const { webhook, now, record } = await openWebhook(decision, reference, 'webhook.secret-rotated', precondition);
  const { sealed } = newWebhookSecret(settings.sealingKeys);
  webhook.sealedPreviousSecret = webhook.sealedSecret;
  webhook.previousSecretUntil = new Date(now.getTime() + previousSecretSeconds * 1000);
  webhook.sealedSecret = sealed;
  record({ facts: { previousSecretUntil: webhook.previousSecretUntil } });
  await em.flush();
  return { view: await viewWebhook(em, webhook, now), sealedSecret: sealed };
}
