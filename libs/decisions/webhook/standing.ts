import { mayManageWebhooks } from '#access';
import { loadSubject, loadTarget, Webhook } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { disableOnRecord } from './disable.ts';
import type { WebhookLease } from './lease.ts';

/**
 * What somebody from outside has connected (the partner's administrator, an external one) stands on their right, as
 * access does: with the right or the relationship gone, the webhook is disabled before it tells anything more. What the
 * organization's own people have connected is the organization's, and outlives them. False where it was disabled.
 */
export async function webhookStands(decision: Decision, { webhookId, lease }: WebhookLease): Promise<boolean> {
  const { em } = decision;
  const webhook = await lockRow(em, Webhook, { id: webhookId, lease });
  const target = webhook && (await loadTarget(em, webhook.organizationId));
  if (!webhook || !target) return false;
  const now = await decision.now();
  const voucher = webhook.vouchedByAccountId && (await loadSubject(em, webhook.vouchedByAccountId));
  if (voucher && mayManageWebhooks(voucher, target, now).allowed) return true;
  await disableOnRecord(decision, webhook, 'right_lost', { now });
  return false;
}
