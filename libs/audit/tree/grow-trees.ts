import { asSealer, databaseNow, type Database, type EntityManager } from '#persistence';
import { keysVouchedFor, readKeyRing } from '../keys/index.ts';
import { readChainEnd } from '../read-chain.ts';
import { lockSealing } from '../sealer-lock.ts';
import { isSignatureValid, type SigningKey } from '../signing.ts';
import { originOf, parseCheckpoint, signerOf } from './checkpoint.ts';
import type { Frontier } from './merkle.ts';
import { saveCheckpoints } from './save-checkpoints.ts';
import { addLeaf, formatEdge, insertNodes, parseEdge, type TreeNode } from './tree-store.ts';

export interface GrowingOptions {
  /** As for sealing: names the service in the origins of new trails. */
  logName?: string;
  /** Seals that are read in one transaction; default 20,000. */
  chunkSize?: number;
}

/** The organizations whose tree is not that of their checkpoint: trails from before there were trees, above all. */
export async function laggingTrees(database: Database): Promise<string[]> {
  const rows = await database.transaction(asSealer, (em) =>
    em.execute<{ id: string }[]>(
      'select organization_id as id from audit_checkpoint where note is null or tree_size <> position',
    ),
  );
  return rows.map(({ id }) => id);
}

/**
 * Brings the tree of one organization up to its seals and signs it: carries over a chain from before there were trees, and
 * catches up where sealing went on without one. What was signed before must be the beginning of it; otherwise nothing is
 * signed, and the trail goes on showing that somebody changed it.
 * @returns whether the tree is signed now
 */
export async function growTree(
  database: Database,
  signingKey: SigningKey,
  organizationId: string,
  { logName = 'countersign', chunkSize = 20_000 }: GrowingOptions = {},
): Promise<boolean> {
  const origin = originOf(logName, organizationId);
  for (;;) {
    const state = await database.transaction(asSealer, (em) =>
      growSome(em, signingKey, { organizationId, origin, chunkSize }),
    );
    if (state !== 'more') return state === 'signed';
  }
}

interface Growing {
  organizationId: string;
  origin: string;
  chunkSize: number;
}

async function growSome(
  em: EntityManager,
  key: SigningKey,
  { organizationId, origin, chunkSize }: Growing,
): Promise<'more' | 'signed' | 'contested'> {
  await lockSealing(em);
  const end = await readChainEnd(em, organizationId);
  const [kept] = await em.execute<{ origin: string | null; treeSize: number; edge: string }[]>(
    'select origin, tree_size as "treeSize", edge from audit_checkpoint where organization_id = ?',
    [organizationId],
  );
  const tree = kept && parseEdge(kept.treeSize, kept.edge);
  const trustedKeys = keysVouchedFor(await readKeyRing(em), key.publicKey);
  if (!tree || !end.checkpoint || !isFit(tree, end.checkpoint, trustedKeys)) return 'contested';

  const seals = await em.execute<{ position: number; hash: string }[]>(
    'select position, hash from audit_seal where organization_id = ? and position > ? order by position limit ?',
    [organizationId, tree.size, chunkSize],
  );
  const nodes: TreeNode[] = [];
  for (const { position, hash } of seals) {
    const isSigned = position !== end.checkpoint.position || hash === end.checkpoint.hash;
    if (position !== tree.size + 1 || !isSigned) return 'contested';
    addLeaf(tree, organizationId, hash, nodes);
  }
  await insertNodes(em, nodes);
  const last = seals.at(-1);
  if (tree.size < end.lastPosition && last) {
    await em.execute('update audit_checkpoint set tree_size = ?, edge = ? where organization_id = ?', [
      tree.size,
      formatEdge(tree),
      organizationId,
    ]);
    return 'more';
  }
  if (tree.size < end.checkpoint.position || tree.size < end.lastPosition) return 'contested';
  const hash = last?.hash ?? end.checkpoint.hash;
  const head = { organizationId, position: tree.size, hash, origin: kept.origin ?? origin, tree };
  await saveCheckpoints(em, key, [head], (await databaseNow(em)).toISOString());
  return 'signed';
}

/** Whether the checkpoint is genuine, and the tree, where it stands at the checkpoint, is the signed one. */
function isFit(
  tree: Frontier,
  checkpoint: NonNullable<Awaited<ReturnType<typeof readChainEnd>>['checkpoint']>,
  trustedKeys: readonly string[],
): boolean {
  if (!('note' in checkpoint)) return trustedKeys.some((publicKey) => isSignatureValid(publicKey, checkpoint));
  const head = parseCheckpoint(checkpoint.note);
  if (!head || !signerOf(head, trustedKeys)) return false;
  return tree.size !== head.size || tree.root().equals(head.root);
}
