import type { Webhook } from '#persistence';

/** Whoever is delivering at the moment counts no more, whatever the receiver answers: the next one starts afresh. */
export function takeLeaseAway(webhook: Webhook): void {
  webhook.lease = null;
  webhook.leasedUntil = null;
}

/** As if nothing had failed: the next event is sent at once. What failed last stays to be read. */
export function forgetFailures(webhook: Webhook): void {
  webhook.failures = 0;
  webhook.failingSince = null;
  webhook.nextAttemptAt = null;
}

export function disable(webhook: Webhook, reason: NonNullable<Webhook['disabledReason']>): void {
  webhook.enabled = false;
  webhook.disabledReason = reason;
  webhook.nextAttemptAt = null;
  takeLeaseAway(webhook);
}
