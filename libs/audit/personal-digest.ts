import { createHash } from 'node:crypto';
import type { PersonalData } from '#persistence';
import { canonicalJson } from './canonical-json.ts';

/** Stands for the personal part in the chain: the part can go, the digest stays. */
export function personalDigest(salt: string, personal: PersonalData): string {
  return createHash('sha256').update(salt).update('\n').update(canonicalJson(personal)).digest('base64url');
}
