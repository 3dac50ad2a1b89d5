import { Webhook as Signer } from 'standardwebhooks';
import type { AuditEventView } from '#contracts';
import { post, type PostOptions, type PostOutcome } from './post.ts';

export interface EventPost {
  url: string;
  /** Every secret that signs, `whsec_…`; the present one first. */
  secrets: readonly string[];
  event: AuditEventView;
  /** The moment of this attempt. */
  at: Date;
}

/** Sends one event as Standard Webhooks say (standardwebhooks.com). */
export function postEvent({ url, secrets, event, at }: EventPost, options: PostOptions): Promise<PostOutcome> {
  const body = JSON.stringify({ type: event.action, timestamp: event.at, data: event });
  const headers = {
    'webhook-id': event.id,
    'webhook-timestamp': Math.floor(at.getTime() / 1000),
    'webhook-signature': secrets.map((secret) => new Signer(secret).sign(event.id, at, body)).join(' '),
  };
  return post({ url, body, headers }, options);
}
