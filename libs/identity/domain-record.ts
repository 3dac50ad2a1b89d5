import { createHmac } from 'node:crypto';

export interface DomainRecord {
  name: string;
  value: string;
}

/**
 * The TXT record that proves a domain to be the organization's. Nothing is stored of it: the same organization and domain
 * give the same value, and no other organization's says anything about this one.
 */
export function domainRecord(key: Buffer, organizationId: string, domain: string): DomainRecord {
  const token = createHmac('sha256', key).update(`domain:${organizationId}:${domain}`).digest('base64url');
  return { name: `_countersign.${domain}`, value: `countersign-verification=${token}` };
}
