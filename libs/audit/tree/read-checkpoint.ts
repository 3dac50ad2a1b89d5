import type { EntityManager } from '#persistence';
import { readChainEnd } from '../read-chain.ts';
import { readConsistencyProof } from './prove.ts';

/** The latest signed head as a note; null while nothing is sealed, or a chain of before is not carried over yet. */
export async function readCheckpoint(em: EntityManager, organizationId: string): Promise<string | null> {
  const { checkpoint } = await readChainEnd(em, organizationId);
  return checkpoint && 'note' in checkpoint ? checkpoint.note : null;
}

/** The proof between two sizes of the trail; null where it never had them, in this order. */
export async function readConsistency(
  em: EntityManager,
  organizationId: string,
  from: number,
  to: number,
): Promise<Buffer[] | null> {
  const { checkpoint } = await readChainEnd(em, organizationId);
  if (!checkpoint || !('note' in checkpoint) || from > to || to > checkpoint.position) return null;
  return readConsistencyProof(em, organizationId, from, to);
}
