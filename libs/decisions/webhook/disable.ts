import type { Webhook } from '#persistence';
import type { Decision } from '../decision.ts';
import { disable } from './attempts.ts';

/** The clock disables a webhook; that is on record, since nobody was there to see it. */
export function disableOnRecord(
  decision: Decision,
  webhook: Webhook,
  reason: NonNullable<Webhook['disabledReason']>,
  now: Date,
): void {
  disable(webhook, reason);
  decision.record({
    action: 'webhook.disabled',
    organizationIds: [webhook.organizationId],
    subject: { kind: 'webhook', id: webhook.id },
    facts: {
      reason,
      position: webhook.position,
      failures: webhook.failures,
      failingSince: webhook.failingSince?.toISOString() ?? null,
    },
    at: now,
  });
}
