import { createHash } from 'node:crypto';
import { Refusal } from '#contracts';

/** What became of the mails about a resource: they go out in their own time, and nobody changed the resource by it. */
const deliveryReports: readonly string[] = ['notifications', 'mails'];

/** The tag of a representation: equal tags, equal bodies but for the delivery reports. */
export function entityTag(body: unknown): string {
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
  const tagged = isObject
    ? Object.fromEntries(Object.entries(body).filter(([name]) => !deliveryReports.includes(name)))
    : body;
  return `"${createHash('sha256').update(JSON.stringify(tagged)).digest('base64url').slice(0, 27)}"`;
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
