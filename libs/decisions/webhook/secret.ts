import { randomBytes } from 'node:crypto';
import type { Keys } from '#config';
import { seal, unseal } from '#identity';
import type { FormerSecret, Webhook } from '#persistence';

/** How long the former secret signs, too, so that a receiver can change over without losing an event. */
export const previousSecretSeconds = 24 * 3600;

/** Each makes the signature of every delivery longer. */
export const mostFormerSecrets = 5;

/** 256 random bits in the form of Standard Webhooks. */
export function newWebhookSecret(sealingKeys: Keys): { secret: string; sealed: string } {
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  return { secret, sealed: seal(sealingKeys, secret) };
}

/** Every secret that signs at the moment, the present one first. */
export function secretsInForce(
  sealingKeys: Keys,
  webhook: Pick<Webhook, 'sealedSecret' | 'formerSecrets'>,
  now: Date,
): string[] {
  const former = formerSecretsInForce(webhook, now).map(({ sealed }) => sealed);
  return [webhook.sealedSecret, ...former].map((sealed) => unseal(sealingKeys, sealed));
}

/** Former secrets whose day is not over, the latest first. */
export const formerSecretsInForce = ({ formerSecrets }: Pick<Webhook, 'formerSecrets'>, now: Date): FormerSecret[] =>
  formerSecrets.filter(({ until }) => new Date(until) > now);
