import type { Keys } from '#config';
import { nextEvent } from '#audit';
import { isChat, type AuditEventView } from '#contracts';
import { unseal } from '#identity';
import { asSystem, type Database, type FormerSecret, type ReceiverFormat } from '#persistence';
import { leaseSeconds, type WebhookLease } from './lease.ts';
import { secretsInForce } from './secret.ts';

export interface WebhookDelivery {
  organizationId: string;
  url: string;
  webhookId: string;
  format: ReceiverFormat;
  /** Whether a chat reads what people wrote. */
  withReasons: boolean;
  /** Which types of signals a stream is for. */
  signals: readonly string[];
  /** What signs events; of a stream, what authorizes us at the receiver. */
  secrets: readonly string[];
  event: AuditEventView;
  /** The event's place in the organization's chain. */
  position: number;
  /** The database's clock. */
  at: Date;
  /** Whether somebody who never was one of the organization's own people sends the events there. */
  isVouchedFromOutside: boolean;
}

interface LeasedRow {
  organizationId: string;
  url: string;
  format: ReceiverFormat;
  withReasons: boolean;
  actions: string[] | null;
  position: number;
  sealedSecret: string;
  formerSecrets: FormerSecret[];
  isVouchedFromOutside: boolean;
  now: Date | string;
}

/**
 * What is to be sent next, read afresh: address, secrets and patterns are those of this moment. Renews the lease, and
 * passes over what is of no interest. Null where nothing is left, or the lease is no longer held.
 */
export async function nextDelivery(
  database: Database,
  sealingKeys: Keys,
  leased: WebhookLease,
): Promise<WebhookDelivery | null> {
  for (;;) {
    const look = await database.transaction(asSystem, async (em) => {
      const [row] = await em.execute<LeasedRow[]>(
        `update webhook set leased_until = clock_timestamp() + make_interval(secs => ?)
          where id = ? and lease = ? and enabled
         returning organization_id as "organizationId", url, format, with_reasons as "withReasons", to_jsonb(actions) as actions, position,
           sealed_secret as "sealedSecret", former_secrets as "formerSecrets",
           not exists (select 1 from membership
                        where membership.organization_id = webhook.organization_id and membership.kind = 'home'
                          and membership.account_id = webhook.vouched_by_account_id) as "isVouchedFromOutside",
           date_trunc('milliseconds', clock_timestamp()) as now`,
        [leaseSeconds, leased.webhookId, leased.lease],
      );
      if (!row) return null;
      const { event, position } = await nextEvent(em, row.organizationId, row.position, {
        // What a stream asked for are types of signals: every event is looked at.
        actions: row.format === 'signals' ? null : row.actions,
        webhookId: leased.webhookId,
      });
      if (event) return { ...row, event, position };
      if (position === row.position) return null;
      await em.execute('update webhook set position = ? where id = ?', [position, leased.webhookId]);
      return { event: null };
    });
    if (!look) return null;
    if (!look.event) continue;
    const { organizationId, url, format, withReasons, event, position, isVouchedFromOutside } = look;
    const isForChat = isChat(format);
    const at = new Date(look.now);
    return {
      organizationId,
      webhookId: leased.webhookId,
      url: isForChat ? unseal(sealingKeys, look.sealedSecret) : url,
      format,
      signals: format === 'signals' ? (look.actions ?? []) : [],
      withReasons,
      event,
      position,
      isVouchedFromOutside,
      at,
      secrets: isForChat ? [] : secretsInForce(sealingKeys, look, at),
    };
  }
}
