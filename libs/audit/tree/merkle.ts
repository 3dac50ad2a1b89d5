import { createHash } from 'node:crypto';

/** Hashing of RFC 6962, section 2.1: leaves and nodes can't be taken for each other. */
export function leafHash(data: Uint8Array): Buffer {
  return createHash('sha256').update(leafPrefix).update(data).digest();
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return createHash('sha256').update(nodePrefix).update(left).update(right).digest();
}

const leafPrefix = Buffer.of(0);
const nodePrefix = Buffer.of(1);
const rootOfNothing = createHash('sha256').digest();

/** A complete subtree: the 2^height leaves from index · 2^height on. */
export interface Subtree {
  height: number;
  index: number;
}

/**
 * The right edge of a tree that only grows: the roots of its complete subtrees, the largest first. At most 31 hashes
 * for 2^31 leaves, whatever the tree holds, and all that adding the next leaf needs.
 */
export class Frontier {
  private readonly hashes: Buffer[];

  constructor(
    private leaves = 0,
    hashes: readonly Buffer[] = [],
  ) {
    if (hashes.length !== onesIn(leaves)) throw new RangeError(`A tree of ${leaves} leaves has another edge`);
    this.hashes = [...hashes];
  }

  get size(): number {
    return this.leaves;
  }

  get edge(): readonly Buffer[] {
    return this.hashes;
  }

  /** @param completed told of every subtree that this leaf completes, itself included */
  add(leaf: Buffer, completed?: (subtree: Subtree, hash: Buffer) => void): void {
    let hash = leaf;
    let index = this.leaves;
    let height = 0;
    completed?.({ height, index }, hash);
    while (index % 2 === 1) {
      hash = nodeHash(this.hashes.pop() ?? rootOfNothing, hash);
      index = (index - 1) / 2;
      height += 1;
      completed?.({ height, index }, hash);
    }
    this.hashes.push(hash);
    this.leaves += 1;
  }

  root(): Buffer {
    return joined(this.hashes);
  }
}

/** The root over neighbouring complete subtrees, the largest first. */
function joined(hashes: readonly Buffer[]): Buffer {
  return hashes.length === 0 ? rootOfNothing : hashes.reduceRight((right, left) => nodeHash(left, right));
}

function onesIn(number: number): number {
  let ones = 0;
  for (let rest = number; rest > 0; rest = Math.floor(rest / 2)) ones += rest % 2;
  return ones;
}

/** Leaves from `start` up to, not including, `end`. */
export interface Range {
  start: number;
  end: number;
}

/** What the audit path of a leaf consists of, from the leaf to the root (RFC 6962, 2.1.1). */
export function inclusionRanges(index: number, size: number): Range[] {
  if (!(index >= 0 && index < size)) throw new RangeError(`There is no leaf ${index} in a tree of ${size}`);
  const path: Range[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + largestPowerBelow(end - start);
    if (index < middle) {
      path.push({ start: middle, end });
      end = middle;
    } else {
      path.push({ start, end: middle });
      start = middle;
    }
  }
  return path.toReversed();
}

/** What the proof consists of that the tree of `from` leaves is the beginning of that of `to` (RFC 6962, 2.1.2). */
export function consistencyRanges(from: number, to: number): Range[] {
  if (!(from >= 0 && from <= to)) throw new RangeError(`A tree of ${from} leaves is no beginning of one of ${to}`);
  if (from === 0 || from === to) return [];
  const proof: Range[] = [];
  let [start, end] = [0, to];
  while (from !== end) {
    const middle = start + largestPowerBelow(end - start);
    if (from <= middle) {
      proof.push({ start: middle, end });
      end = middle;
    } else {
      proof.push({ start, end: middle });
      start = middle;
    }
  }
  // The old tree itself is known to whoever asks; a part of it is not.
  if (start > 0) proof.push({ start, end });
  return proof.toReversed();
}

/** The complete subtrees a range of a proof consists of, the largest first. */
export function subtreesOf({ start, end }: Range): Subtree[] {
  const subtrees: Subtree[] = [];
  for (let place = start; place < end;) {
    const height = Math.floor(Math.log2(end - place));
    subtrees.push({ height, index: place / 2 ** height });
    place += 2 ** height;
  }
  return subtrees;
}

export function hashOfRange(range: Range, hashOf: (subtree: Subtree) => Buffer): Buffer {
  return joined(subtreesOf(range).map(hashOf));
}

function largestPowerBelow(number: number): number {
  let power = 1;
  while (power * 2 < number) power *= 2;
  return power;
}

/** Whether the path leads from this leaf at this place to the root (RFC 9162, 2.1.3.2). */
export function isIncluded(leaf: Buffer, index: number, size: number, path: readonly Buffer[], root: Buffer): boolean {
  if (!(index >= 0 && index < size)) return false;
  let [place, last] = [index, size - 1];
  let hash = leaf;
  for (const sibling of path) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      hash = nodeHash(sibling, hash);
      while (place % 2 === 0 && place !== 0) [place, last] = [place / 2, Math.floor(last / 2)];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
  }
  return last === 0 && hash.equals(root);
}

export interface SizeAndRoot {
  size: number;
  root: Buffer;
}

/** Whether the earlier tree is the beginning of the later one (RFC 9162, 2.1.4.2). */
export function isConsistent(earlier: SizeAndRoot, later: SizeAndRoot, proof: readonly Buffer[]): boolean {
  if (earlier.size > later.size) return false;
  if (earlier.size === later.size) return proof.length === 0 && earlier.root.equals(later.root);
  if (earlier.size === 0) return proof.length === 0 && earlier.root.equals(rootOfNothing);
  const isWhole = Number.isInteger(Math.log2(earlier.size));
  const [first, ...rest] = isWhole ? [earlier.root, ...proof] : proof;
  if (!first) return false;
  let [place, last] = [earlier.size - 1, later.size - 1];
  while (place % 2 === 1) [place, last] = [(place - 1) / 2, Math.floor(last / 2)];
  let [before, after] = [first, first];
  for (const hash of rest) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      before = nodeHash(hash, before);
      after = nodeHash(hash, after);
      while (place % 2 === 0 && place !== 0) [place, last] = [place / 2, Math.floor(last / 2)];
    } else {
      after = nodeHash(after, hash);
    }
    [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
  }
  return last === 0 && before.equals(earlier.root) && after.equals(later.root);
}
