import { Refusal } from '#contracts';
import type { Decision } from '../decision.ts';
import type { Precondition } from '../precondition.ts';
import type { WebhookWithSealedSecret } from './create.ts';
import { openWebhook } from './open.ts';
import { viewWebhook, type WebhookReference } from './read.ts';
import { formerSecretsInForce, mostFormerSecrets, newWebhookSecret, previousSecretSeconds } from './secret.ts';

/** A new secret; every former one signs beside it until its own day is over, however often there is another. */
export async function rotateWebhookSecret(
  decision: Decision,
  reference: WebhookReference,
  precondition?: Precondition,
): Promise<WebhookWithSealedSecret> {
  const { em, settings } = decision;
  const { webhook, now, record } = await openWebhook(decision, reference, 'webhook.secret-rotated', precondition);
  const { sealed } = newWebhookSecret(settings.sealingKeys);
  const inForce = formerSecretsInForce(webhook, now);
  if (inForce.length >= mostFormerSecrets) {
    throw new Refusal('webhook_rotated_too_often', { state: { until: inForce.at(-1)?.until } });
  }
  const previousSecretUntil = new Date(now.getTime() + previousSecretSeconds * 1000);
  webhook.formerSecrets = [{ sealed: webhook.sealedSecret, until: previousSecretUntil.toISOString() }, ...inForce];
  webhook.sealedSecret = sealed;
  record({ facts: { previousSecretUntil } });
  await em.flush();
  return { view: await viewWebhook(em, webhook, now), sealedSecret: sealed };
}
