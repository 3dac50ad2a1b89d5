import type { EntityManager } from '#persistence';
import { readKeyRing } from '../keys/index.ts';
import { readChainEvent, readChainEnd } from '../read-chain.ts';
import { parseCheckpoint } from '../tree/checkpoint.ts';
import { readInclusionProof } from '../tree/prove.ts';
import { readWitnessed } from '../witness/witnessed.ts';
import { formatProof } from './event-proof.ts';

export interface Disclosure {
  /** Whether the names, addresses and words of the event go with it; its digest always does. */
  personal: boolean;
}

/**
 * The proof of one event, in the widest checkpoint that a witness has countersigned and that holds it, or else in the
 * service's latest one. Null while the event is not sealed, or is none of this organization.
 */
export async function readEventProof(
  em: EntityManager,
  organizationId: string,
  eventId: string,
  { personal }: Disclosure,
): Promise<string | null> {
  const { checkpoint } = await readChainEnd(em, organizationId);
  const found = await readChainEvent(em, organizationId, eventId);
  if (!found || !checkpoint || !('note' in checkpoint) || found.position > checkpoint.position) return null;
  const notes = [...(await readWitnessed(em, organizationId)), checkpoint.note];
  const sizeOf = (note: string) => parseCheckpoint(note)?.size ?? 0;
  const witnessed = notes
    .filter((note) => sizeOf(note) >= found.position && note !== checkpoint.note)
    .toSorted((left, right) => sizeOf(right) - sizeOf(left));
  const note = witnessed[0] ?? checkpoint.note;
  const event = personal ? found : { ...found, personal: null, salt: null };
  const path = await readInclusionProof(em, organizationId, event.position, sizeOf(note));
  return formatProof({ organizationId, event, keys: await readKeyRing(em), path, note });
}
