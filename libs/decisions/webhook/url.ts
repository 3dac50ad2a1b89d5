import { isAllowedUrl } from '#outbound';
import type { DecisionSettings } from '../decision.ts';
import { refuseAct, type PrivilegedAct } from '../refuse-act.ts';

/** Whoever tries to point a webhook into the inner network goes on record. */
export function requireAllowedUrl(
  url: string,
  { allowPrivateAddresses }: DecisionSettings,
  act: PrivilegedAct,
  pointer = '/url',
): void {
  if (isAllowedUrl(url, { allowPrivate: allowPrivateAddresses })) return;
  refuseAct(act, 'webhook_url_not_allowed', { errors: [{ pointer, message: 'Not an allowed address' }] });
}

/** What of an address may go on record: a path or a query can carry a key. */
export function hostOf(url: string): string {
  return new URL(url).host;
}
