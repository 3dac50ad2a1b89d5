import { z } from 'zod';
import { auditKeyLink } from '#contracts';
import { canonicalJson } from '../canonical-json.ts';
import { chainHash, type ChainedEvent } from '../chain.ts';
import { eventLine } from '../export-format.ts';
import { type KeyRing } from '../keys/index.ts';
import { personalDigest } from '../personal-digest.ts';
import { isOriginOf, parseCheckpoint, signerOf, type Checkpoint } from '../tree/checkpoint.ts';
import { isIncluded } from '../tree/merkle.ts';
import { cosignedAt } from '../tree/signed-note.ts';
import { leafOf } from '../tree/tree-store.ts';
import type { WitnessedUpTo } from '../verification.ts';
import { trustedKeysOf, type VerifyOptions } from '../verify-export.ts';

/** Everything somebody needs to see, offline and without the rest of the trail, that one event is on record. */
export interface EventProof {
  organizationId: string;
  event: ChainedEvent;
  keys: KeyRing;
  /** From the event's sibling to the root. */
  path: readonly Buffer[];
  /** A C2SP checkpoint, with the signatures of witnesses where there are any. */
  note: string;
}

/** Why a proof proves nothing; a closed list, each with the sentence people read. */
export const proofFaults = {
  unreadable: 'This is no proof of an audit event.',
  changed: 'The event is not the one that was recorded: its content does not give its hash.',
  personal_data_changed: 'The personal part does not give the digest it was recorded with.',
  not_included: 'The event does not stand in the signed trail.',
  wrong_organization: 'The checkpoint belongs to another organization.',
  wrong_key: 'The checkpoint was signed with another key than the trusted one.',
  not_witnessed: 'The witness has not countersigned the checkpoint.',
} as const satisfies Record<string, string>;

export type ProofVerification =
  | { valid: false; why: keyof typeof proofFaults }
  | {
      valid: true;
      organizationId: string;
      event: ChainedEvent;
      /** How many events the trail had when the proof was made. */
      size: number;
      witnesses: WitnessedUpTo[];
    };

const firstLine = 'c2sp.org/tlog-proof@v1';
const longestPath = 63;

const extra = z.strictObject({ organizationId: z.uuid(), event: eventLine, keys: z.array(auditKeyLink) });

/** As C2SP tlog-proof writes it; the event itself is the format's extra data. */
export function formatProof({ organizationId, event, keys, path, note }: EventProof): string {
  const data = canonicalJson({ organizationId, event: { type: 'event', ...event }, keys });
  return [
    firstLine,
    `extra ${Buffer.from(data).toString('base64')}`,
    `index ${event.position - 1}`,
    ...path.map((hash) => hash.toString('base64')),
    '',
    note,
  ].join('\n');
}

export const isProof = (text: string) => text.startsWith(`${firstLine}\n`);

/** Verifies a proof with nothing but its text. Who is trusted is told as for an export. */
export function verifyProof(
  text: string,
  options: Pick<VerifyOptions, 'publicKey' | 'keyRing' | 'witnesses'> = {},
): ProofVerification {
  const proof = parseProof(text);
  if (!proof) return { valid: false, why: 'unreadable' };
  const { organizationId, event, keys, path, checkpoint } = proof;
  const { position, previousHash, hash, personal, salt } = event;
  if (chainHash(previousHash, { organizationId, position }, event) !== hash) return { valid: false, why: 'changed' };
  if ((personal !== null || salt !== null) && personalDigest(salt ?? '', personal ?? {}) !== event.personalDigest) {
    return { valid: false, why: 'personal_data_changed' };
  }
  if (!isOriginOf(checkpoint.origin, organizationId)) return { valid: false, why: 'wrong_organization' };
  if (!isIncluded(leafOf(hash), position - 1, checkpoint.size, path, checkpoint.root)) {
    return { valid: false, why: 'not_included' };
  }
  const ownKeys = keys.map(({ publicKey }) => publicKey);
  const trustedKeys = trustedKeysOf({ ...options, keyRing: options.keyRing ?? keys }) ?? ownKeys;
  if (!signerOf(checkpoint, trustedKeys)) return { valid: false, why: 'wrong_key' };
  const witnesses: WitnessedUpTo[] = [];
  for (const witness of options.witnesses ?? []) {
    const seconds = cosignedAt(checkpoint.note, witness);
    if (seconds === null) return { valid: false, why: 'not_witnessed' };
    witnesses.push({ name: witness.name, position: checkpoint.size, at: new Date(seconds * 1000).toISOString() });
  }
  return { valid: true, organizationId, event, size: checkpoint.size, witnesses };
}

interface ParsedProof extends Omit<EventProof, 'note'> {
  checkpoint: Checkpoint;
}

function parseProof(text: string): ParsedProof | null {
  const end = text.indexOf('\n\n');
  const [first, data, index, ...hashes] = text.slice(0, Math.max(end, 0)).split('\n');
  const checkpoint = parseCheckpoint(text.slice(end + 2));
  const parsed = parseExtra(/^extra (\S+)$/.exec(data ?? '')?.[1] ?? '');
  if (first !== firstLine || !checkpoint || !parsed || index !== `index ${parsed.event.position - 1}`) return null;
  const path = hashes.map((hash) => Buffer.from(hash, 'base64'));
  if (path.length > longestPath || path.some(({ length }) => length !== 32)) return null;
  const { type: _type, ...event } = parsed.event;
  return { organizationId: parsed.organizationId, event, keys: parsed.keys, path, checkpoint };
}

function parseExtra(base64: string): z.infer<typeof extra> | null {
  try {
    return extra.safeParse(JSON.parse(Buffer.from(base64, 'base64').toString('utf8'))).data ?? null;
  } catch {
    return null;
  }
}
