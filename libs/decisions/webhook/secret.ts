import { randomBytes } from 'node:crypto';
import type { Keys } from '#config';
import { seal, unseal } from '#identity';
import type { Webhook } from '#persistence';

/** How long the former secret signs, too, so that a receiver can change over without losing an event. */
export const previousSecretSeconds = 24 * 3600;

/** 256 random bits in the form of Standard Webhooks. */
export function newWebhookSecret(sealingKeys: Keys): { secret: string; sealed: string } {
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  return { secret, sealed: seal(sealingKeys, secret) };
}

/** Every secret that signs at the moment, the present one first. */
export function secretsInForce(
  sealingKeys: Keys,
  webhook: Pick<Webhook, 'sealedSecret' | 'sealedPreviousSecret' | 'previousSecretUntil'>,
  now: Date,
): string[] {
  const { sealedSecret, sealedPreviousSecret, previousSecretUntil } = webhook;
  const previous =
    sealedPreviousSecret && previousSecretUntil && previousSecretUntil > now ? [sealedPreviousSecret] : [];
  return [sealedSecret, ...previous].map((sealed) => unseal(sealingKeys, sealed));
}
