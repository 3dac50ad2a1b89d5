import { sign, type KeyObject } from 'node:crypto';
import { canonicalJson } from '../canonical-json.ts';
import { keyIdOf, verifiesWith, type SigningKey } from '../signing.ts';

/** A key the trail is or was signed with, joined to the one before it. */
export interface KeyLink {
  keyId: string;
  /** Ed25519, 32 bytes, base64url. */
  publicKey: string;
  /** ISO 8601, UTC, milliseconds. */
  since: string;
  /** The former key's signature over the link, base64url; null for the first key. */
  endorsement: string | null;
  /** This key's own signature over the same link: whoever trusts it knows by that which key was before it. */
  acceptance: string | null;
}

/** All keys of the service from the first to the present one. */
export type KeyRing = readonly KeyLink[];

/** The first key of a ring: nobody can vouch for it but whoever publishes it. */
export function firstKey({ keyId, publicKey }: SigningKey, since: string): KeyLink {
  return { keyId, publicKey, since, endorsement: null, acceptance: null };
}

/** Hands over from one key to the next; takes both, so that neither alone can speak for the other. */
export function linkKeys(former: SigningKey, next: SigningKey, since: string): KeyLink {
  const { keyId, publicKey } = next;
  const text = linkText(former.publicKey, publicKey, since);
  const signedBy = (privateKey: KeyObject) => sign(null, text, privateKey).toString('base64url');
  return { keyId, publicKey, since, endorsement: signedBy(former.privateKey), acceptance: signedBy(next.privateKey) };
}

/**
 * The keys that whoever trusts one of them may trust: followed link by link in both directions, as far as both keys of
 * a link have signed it. A key that is not in the ring vouches for itself alone.
 */
export function keysVouchedFor(ring: KeyRing, trustedKey: string): string[] {
  const place = ring.findIndex(({ publicKey }) => publicKey === trustedKey);
  if (place < 0) return [trustedKey];
  let first = place;
  while (first > 0 && isLinkValid(ring[first - 1], ring[first])) first -= 1;
  let last = place;
  while (isLinkValid(ring[last], ring[last + 1])) last += 1;
  return ring.slice(first, last + 1).map(({ publicKey }) => publicKey);
}

function isLinkValid(former: KeyLink | undefined, next: KeyLink | undefined): boolean {
  if (!former || !next?.endorsement || !next.acceptance || next.keyId !== keyIdOf(next.publicKey)) return false;
  const text = linkText(former.publicKey, next.publicKey, next.since);
  return verifiesWith(former.publicKey, text, next.endorsement) && verifiesWith(next.publicKey, text, next.acceptance);
}

function linkText(former: string, next: string, since: string): Buffer {
  return Buffer.from(canonicalJson({ purpose: 'countersign/audit-key-link', former, next, since }));
}
