import { randomUUID } from 'node:crypto';
import { asSystem, type Database } from '#persistence';

/** The right to deliver to one webhook, until it runs out or is taken away. */
export interface WebhookLease {
  webhookId: string;
  lease: string;
}

/** Longer than an attempt can take, so that of two workers only one that was held up tries what another has begun. */
export const leaseSeconds = 15;

/** Takes leases of webhooks that have something to deliver now; the ones served longest ago come first. */
export async function leaseWebhooks(database: Database, { limit }: { limit: number }): Promise<WebhookLease[]> {
  return database.transaction(asSystem, (em) =>
    em.execute<WebhookLease[]>(
      `with due as materialized (
         select id from webhook
          where enabled
            and (leased_until is null or leased_until <= clock_timestamp())
            and (next_attempt_at is null or next_attempt_at <= clock_timestamp())
            and exists (select 1 from audit_seal as seal
                         where seal.organization_id = webhook.organization_id and seal.position > webhook.position)
          order by leased_until nulls first, id
          limit ? for update skip locked)
       update webhook set lease = ?, leased_until = clock_timestamp() + make_interval(secs => ?)
         from due where webhook.id = due.id
       returning webhook.id as "webhookId", webhook.lease`,
      [limit, randomUUID(), leaseSeconds],
    ),
  );
}

/** Lets the next one go on at once. */
export async function releaseWebhook(database: Database, { webhookId, lease }: WebhookLease): Promise<void> {
  await database.transaction(asSystem, (em) =>
    em.execute('update webhook set lease = null, leased_until = clock_timestamp() where id = ? and lease = ?', [
      webhookId,
      lease,
    ]),
  );
}
