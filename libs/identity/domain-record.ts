import { createHmac } from 'node:crypto';
import type { Keys } from '#config';

export interface DomainRecord {
  name: string;
  value: string;
  /** What the record was to say by other keys, and may go on saying. */
  otherValues: readonly string[];
}

/**
 * The TXT record that proves a domain to be the organization's. Nothing is stored of it: the same organization and domain
 * give the same value, and no other organization's says anything about this one.
 */
export function domainRecord([first, ...others]: Keys, organizationId: string, domain: string): DomainRecord {
  const valueBy = (key: Buffer) =>
    `countersign-verification=${createHmac('sha256', key).update(`domain:${organizationId}:${domain}`).digest('base64url')}`;
  return { name: `_countersign.${domain}`, value: valueBy(first), otherValues: others.map(valueBy) };
}
