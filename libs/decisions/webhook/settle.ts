import { giveUpAfterSeconds, secondsToNextAttempt } from '#audit';
import type { WebhookFailureReason } from '#contracts';
import { asSystem, Webhook, type Database } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { takeLeaseAway } from './attempts.ts';
import { disableOnRecord } from './disable.ts';
import type { WebhookLease } from './lease.ts';

/** The receiver has the event: the webhook moves on. False where somebody else delivers by now, or nobody may. */
export const settleDelivered = (database: Database, lease: WebhookLease, position: number): Promise<boolean> =>
  moveOn(
    database,
    lease,
    position,
    `, last_delivered_at = date_trunc('milliseconds', clock_timestamp()),
          failures = 0, failing_since = null, next_attempt_at = null`,
  );

/** There was nothing to say about the event: what was delivered, and what failed, stays as it is. */
export const passOver = (database: Database, lease: WebhookLease, position: number): Promise<boolean> =>
  moveOn(database, lease, position);

async function moveOn(
  database: Database,
  { webhookId, lease }: WebhookLease,
  position: number,
  andMore = '',
): Promise<boolean> {
  const moved = await database.transaction(asSystem, (em) =>
    em.execute<{ id: string }[]>(
      `update webhook set position = ?${andMore}
        where id = ? and lease = ? and position < ?
       returning id`,
      [position, webhookId, lease, position],
    ),
  );
  return moved.length > 0;
}

/**
 * The event did not arrive: it is tried again later, ever more rarely. After three days of that, or where the receiver
 * says it is gone for good, the webhook is disabled; that is on record.
 */
export async function settleFailed(
  decision: Decision,
  { webhookId, lease }: WebhookLease,
  { reason, status }: { reason: WebhookFailureReason; status: number | null },
): Promise<void> {
  const webhook = await lockRow(decision.em, Webhook, { id: webhookId, lease });
  if (!webhook) return;
  const now = await decision.now();
  webhook.failures += 1;
  webhook.failingSince ??= now;
  webhook.lastFailure = { at: now.toISOString(), reason, status };
  const failingSeconds = (now.getTime() - webhook.failingSince.getTime()) / 1000;
  if (reason !== 'gone' && failingSeconds < giveUpAfterSeconds) {
    webhook.nextAttemptAt = new Date(now.getTime() + secondsToNextAttempt(webhook.failures) * 1000);
    takeLeaseAway(webhook);
    return;
  }
  await disableOnRecord(decision, webhook, reason === 'gone' ? 'gone' : 'no_success', { now });
}
