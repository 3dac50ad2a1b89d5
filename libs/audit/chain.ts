import { createHash } from 'node:crypto';
import type { AuditActor, PersonalData } from '#persistence';
import { canonicalJson } from './canonical-json.ts';

/** What of an event is in its hash. The personal part is in it by its digest only, so that it can be erased. */
export interface SealedContent {
  id: string;
  action: string;
  actor: AuditActor;
  organizationIds: string[];
  subject: { kind: string; id: string };
  outcome: string;
  facts: Record<string, unknown>;
  personalDigest: string;
  grantId: string | null;
  /** ISO 8601, UTC, milliseconds. */
  at: string;
}

/** An event in its place in the chain of one organization. */
export interface ChainedEvent extends SealedContent {
  position: number;
  previousHash: string;
  hash: string;
  /** Both null once the personal part is erased. */
  personal: PersonalData | null;
  salt: string | null;
}

/** What the first event of a chain has as its previous hash: 32 zero bytes. */
export const genesisHash = Buffer.alloc(32).toString('base64url');

/** SHA-256, base64url, over the previous hash and the canonical JSON of the event, its organization and its position. */
export function chainHash(
  previousHash: string,
  place: { organizationId: string; position: number },
  content: SealedContent,
): string {
  const { id, action, actor, organizationIds, subject, outcome, facts, personalDigest, grantId, at } = content;
  const { organizationId, position } = place;
  const sealed = {
    organizationId,
    position,
    id,
    action,
    actor,
    organizationIds,
    subject,
    outcome,
    facts,
    personalDigest,
    grantId,
    at,
  };
  return createHash('sha256').update(previousHash).update(canonicalJson(sealed)).digest('base64url');
}
