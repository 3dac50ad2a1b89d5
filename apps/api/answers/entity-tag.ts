import { createHash } from 'node:crypto';
import { Refusal } from '#contracts';
import type { Precondition } from '#decisions';

/**
 * What became of the mails about a resource, or of a webhook's events: they go out in their own time, and nobody changed
 * the resource by it.
 */
const deliveryReports: readonly string[] = [
  'notifications',
  'mails',
  'position',
  'lastDeliveredAt',
  'lastFailure',
  'nextAttemptAt',
];

/** What others did with it, looking or using: nobody decided anything by it. At any depth. */
const observations: readonly string[] = ['seenAt', 'seenBy', 'usedAt', 'lastUsedAt', 'lastSeenAt', 'eligibleApprovers'];

/** The tag of a representation: equal tags, equal bodies but for delivery reports and observations. */
export function entityTag(body: unknown): string {
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
  const tagged = isObject
    ? Object.fromEntries(Object.entries(body).filter(([name]) => !deliveryReports.includes(name)))
    : body;
  const text = JSON.stringify(tagged, (name, value: unknown) => (observations.includes(name) ? undefined : value));
  return `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`;
}

/**
 * Refuses with `version_mismatch` where the caller sent `If-Match` and the resource looks different by now. Call it in
 * the deciding transaction, after the row is locked.
 */
export async function requireMatch(ifMatch: string | null, present: () => Promise<unknown>): Promise<void> {
  if (ifMatch === null || ifMatch.trim() === '*') return;
  const tag = entityTag(await present());
  const named = ifMatch.split(',').map((one) => one.trim());
  if (!named.includes(tag)) throw new Refusal('version_mismatch', { etag: tag });
}

/** The caller's `If-Match` for a decision to ask, once it has judged the right and holds the row. */
export const matching =
  (ifMatch: string | null): Precondition =>
  (present) =>
    requireMatch(ifMatch, present);
