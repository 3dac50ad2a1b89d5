import { Webhook } from 'standardwebhooks';
import type { AuditEvent } from './generated/types.gen.ts';

export interface WebhookEvent {
  /** The action, such as `elevation.approved`. */
  type: string;
  timestamp: string;
  data: AuditEvent;
}

/**
 * The event of a delivery that is ours: signed with the secret, not older than five minutes. The same `webhook-id` may
 * come again.
 * @param body the bytes as they came, unparsed
 * @throws where the signature, its time or a header does not fit
 */
export function verifyWebhook(secret: string, body: string, headers: Record<string, unknown>): WebhookEvent {
  const signed = Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
  return new Webhook(secret).verify(body, signed) as WebhookEvent;
}
