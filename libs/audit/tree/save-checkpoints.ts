import type { EntityManager } from '#persistence';
import type { SigningKey } from '../signing.ts';
import { signHead } from './checkpoint.ts';
import type { Frontier } from './merkle.ts';
import { formatEdge } from './tree-store.ts';

/** The end of an organization's trail, with the tree of everything up to there. */
export interface SignableHead {
  organizationId: string;
  position: number;
  /** Of the last event, in the chain. */
  hash: string;
  origin: string;
  tree: Frontier;
}

/** Signs the heads and keeps them in place of the former ones. */
export async function saveCheckpoints(
  em: EntityManager,
  key: SigningKey,
  heads: readonly SignableHead[],
  at: string,
): Promise<void> {
  if (heads.length === 0) return;
  await em.execute(
    `insert into audit_checkpoint (organization_id, position, hash, origin, tree_size, edge, note, at, key_id, public_key)
     select head.id::uuid, head.size::int, head.hash, head.origin, head.size::int, head.edge, head.note, ?::timestamptz, ?, ?
     from jsonb_to_recordset(?::jsonb) as head (id text, size int, hash text, origin text, edge text, note text)
     on conflict (organization_id) do update set position = excluded.position, hash = excluded.hash,
       origin = excluded.origin, tree_size = excluded.tree_size, edge = excluded.edge, note = excluded.note,
       signature = null, at = excluded.at, key_id = excluded.key_id, public_key = excluded.public_key`,
    [
      at,
      key.keyId,
      key.publicKey,
      JSON.stringify(
        heads.map(({ organizationId, position, hash, origin, tree }) => ({
          id: organizationId,
          size: position,
          hash,
          origin,
          edge: formatEdge(tree),
          note: signHead({ origin, size: tree.size, root: tree.root() }, key),
        })),
      ),
    ],
  );
}
