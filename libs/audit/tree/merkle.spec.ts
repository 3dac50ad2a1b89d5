import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { array, assert as assertProperty, integer, property, uint8Array } from 'fast-check';
import {
  consistencyRanges,
  Frontier,
  hashOfRange,
  inclusionRanges,
  isConsistent,
  isIncluded,
  leafHash,
  nodeHash,
  type Subtree,
} from './merkle.ts';

// The definitions of RFC 6962, section 2.1, word by word and without any thought of speed.
function naiveRoot(leaves: readonly Buffer[]): Buffer {
  const [only] = leaves;
  if (!only) return createHash('sha256').digest();
  if (leaves.length === 1) return only;
  const k = naiveSplit(leaves.length);
  return nodeHash(naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)));
}

function naivePath(index: number, leaves: readonly Buffer[]): Buffer[] {
  if (leaves.length === 1) return [];
  const k = naiveSplit(leaves.length);
  return index < k
    ? [...naivePath(index, leaves.slice(0, k)), naiveRoot(leaves.slice(k))]
    : [...naivePath(index - k, leaves.slice(k)), naiveRoot(leaves.slice(0, k))];
}

function naiveConsistency(from: number, leaves: readonly Buffer[], isWhole = true): Buffer[] {
  if (from === leaves.length) return isWhole ? [] : [naiveRoot(leaves)];
  const k = naiveSplit(leaves.length);
  return from <= k
    ? [...naiveConsistency(from, leaves.slice(0, k), isWhole), naiveRoot(leaves.slice(k))]
    : [...naiveConsistency(from - k, leaves.slice(k), false), naiveRoot(leaves.slice(0, k))];
}

function naiveSplit(length: number): number {
  let k = 1;
  while (k * 2 < length) k *= 2;
  return k;
}

const leavesOf = (length: number) => Array.from({ length }, (_, index) => leafHash(Buffer.from(`event ${index}`)));

/** The tree as the sealer grows it: leaf by leaf, keeping what each leaf completes. */
function grown(leaves: readonly Buffer[]): { tree: Frontier; hashOf: (subtree: Subtree) => Buffer } {
  const tree = new Frontier();
  const kept = new Map<string, Buffer>();
  for (const leaf of leaves) tree.add(leaf, ({ height, index }, hash) => kept.set(`${height}/${index}`, hash));
  const hashOf = ({ height, index }: Subtree) => {
    const hash = kept.get(`${height}/${index}`);
    if (!hash) throw new Error(`Never completed: ${height}/${index}`);
    return hash;
  };
  return { tree, hashOf };
}

const size = integer({ min: 1, max: 600 });

describe('a tree that grows leaf by leaf', () => {
  it('has the hashes of RFC 6962: the test vectors of certificate transparency', () => {
    const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
    const leaves = inputs.map((hex) => leafHash(Buffer.from(hex, 'hex')));
    const roots = leaves.map((_, index) =>
      grown(leaves.slice(0, index + 1))
        .tree.root()
        .toString('hex'),
    );
    expect(grown([]).tree.root().toString('hex')).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
    expect([roots[0], roots[1], roots[7]]).toEqual([
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
      '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
    ]);
  });

  it('has the root of a tree that is computed at once, at every size, and goes on from its edge', () => {
    assertProperty(
      property(size, size, (first, more) => {
        const leaves = leavesOf(first + more);
        const before = grown(leaves.slice(0, first)).tree;
        const after = new Frontier(before.size, before.edge);
        for (const leaf of leaves.slice(first)) after.add(leaf);
        expect(after.root()).toEqual(naiveRoot(leaves));
        expect(before.root()).toEqual(naiveRoot(leaves.slice(0, first)));
      }),
      { numRuns: 60 },
    );
  });

  it('refuses an edge that no tree of the size has', () => {
    expect(() => new Frontier(3, [leafHash(Buffer.of(1))])).toThrow(RangeError);
  });
});

describe('the proof of one leaf', () => {
  it('is that of the definition, and verifies', () => {
    assertProperty(
      property(size, integer({ min: 0, max: 599 }), (count, anywhere) => {
        const leaves = leavesOf(count);
        const index = anywhere % count;
        const { tree, hashOf } = grown(leaves);
        const path = inclusionRanges(index, count).map((range) => hashOfRange(range, hashOf));
        expect(path).toEqual(naivePath(index, leaves));
        expect(isIncluded(leaves[index]!, index, count, path, tree.root())).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('verifies for no other leaf, place, size, path or root', () => {
    assertProperty(
      property(
        integer({ min: 2, max: 300 }),
        integer({ min: 0, max: 299 }),
        integer({ min: 0, max: 400 }),
        (count, anywhere, other) => {
          const leaves = leavesOf(count);
          const index = anywhere % count;
          const path = naivePath(index, leaves);
          const root = naiveRoot(leaves);
          const leaf = leaves[index]!;
          expect(isIncluded(leafHash(Buffer.from('another')), index, count, path, root)).toBe(false);
          expect(isIncluded(leaf, index, count, path.slice(1), root)).toBe(false);
          expect(isIncluded(leaf, index, count, [...path, root], root)).toBe(false);
          expect(isIncluded(leaf, index, count, path, leafHash(root))).toBe(false);
          if (other !== index) expect(isIncluded(leaf, other, count, path, root)).toBe(false);
          expect(isIncluded(leaf, -1, count, path, root)).toBe(false);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('the proof that a tree is the beginning of another one', () => {
  it('is that of the definition, and verifies', () => {
    assertProperty(
      property(size, size, (one, other) => {
        const [from, to] = [Math.min(one, other), Math.max(one, other)];
        const leaves = leavesOf(to);
        const { tree, hashOf } = grown(leaves);
        const proof = consistencyRanges(from, to).map((range) => hashOfRange(range, hashOf));
        expect(proof).toEqual(naiveConsistency(from, leaves));
        const earlier = { size: from, root: naiveRoot(leaves.slice(0, from)) };
        expect(isConsistent(earlier, { size: to, root: tree.root() }, proof)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('verifies from nothing to anything, and for nobody who had something else', () => {
    expect(isConsistent({ size: 0, root: naiveRoot([]) }, { size: 5, root: naiveRoot(leavesOf(5)) }, [])).toBe(true);
    assertProperty(
      property(size, size, integer({ min: 0, max: 599 }), (one, other, anywhere) => {
        const [from, to] = [Math.min(one, other), Math.max(one, other)];
        const leaves = leavesOf(to);
        const rewritten = leaves.with(anywhere % from, leafHash(Buffer.from('rewritten')));
        const proof = naiveConsistency(from, rewritten);
        const seen = { size: from, root: naiveRoot(leaves.slice(0, from)) };
        expect(isConsistent(seen, { size: to, root: naiveRoot(rewritten) }, proof)).toBe(false);
        expect(isConsistent({ ...seen, size: to + 1 }, { size: to, root: naiveRoot(leaves) }, proof)).toBe(false);
      }),
      { numRuns: 100 },
    );
  });

  it('is not verified by hashes somebody made up', () => {
    assertProperty(
      property(
        size,
        size,
        array(uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 12 }),
        (one, other, made) => {
          const [from, to] = [Math.min(one, other), Math.max(one, other) + 1];
          const earlier = { size: from, root: naiveRoot(leavesOf(from)) };
          const later = { size: to, root: leafHash(Buffer.from('another tree')) };
          expect(
            isConsistent(
              earlier,
              later,
              made.map((hash) => Buffer.from(hash)),
            ),
          ).toBe(false);
        },
      ),
      { numRuns: 100 },
    );
  });
});
