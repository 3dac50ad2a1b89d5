import type { EntityManager } from '#persistence';
import { consistencyRanges, hashOfRange, inclusionRanges, subtreesOf, type Range } from './merkle.ts';
import { readSubtrees } from './tree-store.ts';

/** The audit path of the event at this position, counted from 1, in the tree of `size` events. */
export function readInclusionProof(
  em: EntityManager,
  organizationId: string,
  position: number,
  size: number,
): Promise<Buffer[]> {
  return readRanges(em, organizationId, inclusionRanges(position - 1, size));
}

/** The proof that the tree of `from` events is the beginning of that of `to`. */
export function readConsistencyProof(
  em: EntityManager,
  organizationId: string,
  from: number,
  to: number,
): Promise<Buffer[]> {
  return readRanges(em, organizationId, consistencyRanges(from, to));
}

async function readRanges(em: EntityManager, organizationId: string, ranges: readonly Range[]): Promise<Buffer[]> {
  const hashOf = await readSubtrees(em, organizationId, ranges.flatMap(subtreesOf));
  return ranges.map((range) => hashOfRange(range, hashOf));
}
