import type { EntityManager } from '#persistence';
import { Frontier, leafHash, nodeHash, type Subtree } from './merkle.ts';

/**
 * Every eighth level is kept, as C2SP tiles do: a proof reads at most 256 hashes of each, and a million events have 4,000
 * rows. Leaves are not kept at all: they are the hashes of the chain.
 */
const levelsApart = 8;

export interface TreeNode extends Subtree {
  organizationId: string;
  hash: Buffer;
}

/** What an event is in the tree: the leaf over its hash in the chain, so over everything before it, too. */
export const leafOf = (chainHash: string) => leafHash(Buffer.from(chainHash, 'base64url'));

/** Adds an event to its organization's tree; what has to be kept of it is appended to `nodes`. */
export function addLeaf(tree: Frontier, organizationId: string, chainHash: string, nodes: TreeNode[]): void {
  tree.add(leafOf(chainHash), (subtree, hash) => {
    if (subtree.height > 0 && subtree.height % levelsApart === 0) nodes.push({ organizationId, ...subtree, hash });
  });
}

export const formatEdge = (tree: Frontier) => tree.edge.map((hash) => hash.toString('base64url')).join('.');

/** Null where somebody put an edge there that no tree of this size has. */
export function parseEdge(size: number, edge: string): Frontier | null {
  try {
    return new Frontier(size, edge === '' ? [] : edge.split('.').map((hash) => Buffer.from(hash, 'base64url')));
  } catch {
    return null;
  }
}

export async function insertNodes(em: EntityManager, nodes: readonly TreeNode[]): Promise<void> {
  if (nodes.length === 0) return;
  const listOf = (items: (string | number)[]) => `{${items.join(',')}}`;
  await em.execute(
    `insert into audit_tree_node (organization_id, height, index, hash)
     select * from unnest(?::uuid[], ?::int[], ?::int[], ?::text[])`,
    [
      listOf(nodes.map(({ organizationId }) => organizationId)),
      listOf(nodes.map((node) => node.height)),
      listOf(nodes.map(({ index }) => index)),
      listOf(nodes.map(({ hash }) => hash.toString('base64url'))),
    ],
  );
}

/** Reads what the hashes of these complete subtrees are made of, in two statements. */
export async function readSubtrees(
  em: EntityManager,
  organizationId: string,
  subtrees: readonly Subtree[],
): Promise<(subtree: Subtree) => Buffer> {
  const wanted = subtrees.map(keptBelow);
  const kept = new Map<string, Buffer>();
  const leaves = wanted.filter(({ height }) => height === 0);
  const nodes = wanted.filter(({ height }) => height > 0);
  const listOf = (numbers: number[]) => `{${numbers.join(',')}}`;
  for (const { index, hash } of await em.execute<{ index: number; hash: string }[]>(
    `select seal.position - 1 as index, seal.hash
     from unnest(?::int[], ?::int[]) as wanted (first, last) join audit_seal as seal
       on seal.organization_id = ? and seal.position > wanted.first and seal.position <= wanted.last`,
    [listOf(leaves.map(({ first }) => first)), listOf(leaves.map(({ end }) => end)), organizationId],
  )) {
    kept.set(nameOf({ height: 0, index }), leafOf(hash));
  }
  for (const row of await em.execute<(Subtree & { hash: string })[]>(
    `select node.height, node.index, node.hash
     from unnest(?::int[], ?::int[], ?::int[]) as wanted (height, first, last) join audit_tree_node as node
       on node.organization_id = ? and node.height = wanted.height
         and node.index >= wanted.first and node.index < wanted.last`,
    [
      listOf(nodes.map((node) => node.height)),
      listOf(nodes.map(({ first }) => first)),
      listOf(nodes.map(({ end }) => end)),
      organizationId,
    ],
  )) {
    kept.set(nameOf(row), Buffer.from(row.hash, 'base64url'));
  }
  const hashOf = ({ height, index }: Subtree): Buffer => {
    const hash = kept.get(nameOf({ height, index }));
    if (hash) return hash;
    if (height % levelsApart === 0) throw new Error(`The tree of ${organizationId} lacks ${nameOf({ height, index })}`);
    return nodeHash(
      hashOf({ height: height - 1, index: index * 2 }),
      hashOf({ height: height - 1, index: index * 2 + 1 }),
    );
  };
  return hashOf;
}

/** Where the kept hashes below a subtree stand: `first` up to, not including, `end`. */
function keptBelow({ height, index }: Subtree): { height: number; first: number; end: number } {
  const below = height - (height % levelsApart);
  const width = 2 ** (height - below);
  return { height: below, first: index * width, end: (index + 1) * width };
}

const nameOf = ({ height, index }: Subtree) => `${height}/${index}`;
