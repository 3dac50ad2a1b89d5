import { isAllowedWebhookUrl } from '#audit';
import type { DecisionSettings } from '../decision.ts';
import { refuseAct, type PrivilegedAct } from '../refuse-act.ts';

/** Whoever tries to point a webhook into the inner network goes on record. */
export function requireAllowedUrl(url: string, { allowPrivateWebhooks }: DecisionSettings, act: PrivilegedAct): void {
  if (isAllowedWebhookUrl(url, { allowPrivate: allowPrivateWebhooks })) return;
  refuseAct(act, 'webhook_url_not_allowed', { errors: [{ pointer: '/url', message: 'Not an allowed address' }] });
}

/** What of an address may go on record: a path or a query can carry a key. */
export function hostOf(url: string): string {
  return new URL(url).host;
}
