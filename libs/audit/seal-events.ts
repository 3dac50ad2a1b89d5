import { asSealer, databaseNow, type Database, type EntityManager } from '#persistence';
import { chainHash, genesisHash, type SealedContent } from './chain.ts';
import { keysVouchedFor, readKeyRing } from './keys/index.ts';
import { sealedColumns } from './read-chain.ts';
import { tryToLockSealing } from './sealer-lock.ts';
import type { SigningKey } from './signing.ts';
import { originOf, parseCheckpoint, signerOf } from './tree/checkpoint.ts';
import { Frontier } from './tree/merkle.ts';
import { saveCheckpoints, type SignableHead } from './tree/save-checkpoints.ts';
import { addLeaf, insertNodes, parseEdge, type TreeNode } from './tree/tree-store.ts';

export interface SealingOptions {
  /** Events of one transaction at most; default 5,000. */
  batchSize?: number;
  /** Names the service in the origins of new trails, as a URL without its scheme. */
  logName?: string;
  /** Told of organizations whose events got their places while their checkpoint stays where it is: `growTrees` looks why. */
  onUnsigned?: (organizationIds: readonly string[]) => void;
}

interface Head extends Omit<SignableHead, 'tree'> {
  /** Null while it lags behind the seals, or contradicts what was signed: then nothing is signed over it. */
  tree: Frontier | null;
}

interface Seal {
  organizationId: string;
  position: number;
  eventId: string;
  previousHash: string;
  hash: string;
}

/**
 * Gives the oldest unsealed events their places in the chains and trees of their organizations and signs the new heads,
 * all in one transaction. Only one sealer works at a time, another one returns 0 at once; who records an event waits for
 * neither. An event whose transaction commits late is sealed later than its order of recording says. An event of no
 * organization has no chain to stand in; it only stops being looked for.
 * @returns how many events were sealed, at most `batchSize`; 0 means nothing is left or another sealer is at work
 */
export async function sealEvents(
  database: Database,
  signingKey: SigningKey,
  { batchSize = 5000, logName = 'countersign', onUnsigned }: SealingOptions = {},
): Promise<number> {
  const unsigned: string[] = [];
  const sealed = await database.transaction(asSealer, async (em) => {
    unsigned.length = 0;
    if (!(await tryToLockSealing(em))) return 0;
    const events = await unsealedEvents(em, batchSize);
    if (events.length === 0) return 0;
    const organizationIds = new Set(events.flatMap((event) => event.organizationIds));
    const trustedKeys = keysVouchedFor(await readKeyRing(em), signingKey.publicKey);
    const heads = await readHeads(em, organizationIds, { trustedKeys, logName });
    const nodes: TreeNode[] = [];
    await insertSeals(em, sealsOf(events, heads, nodes));
    await insertNodes(em, nodes);
    await markSealed(em, events);
    const signable: SignableHead[] = [];
    for (const [organizationId, head] of heads) {
      if (head.tree) signable.push({ ...head, tree: head.tree });
      else unsigned.push(organizationId);
    }
    await saveCheckpoints(em, signingKey, signable, (await databaseNow(em)).toISOString());
    return events.length;
  });
  if (unsigned.length > 0) onUnsigned?.(unsigned);
  return sealed;
}

async function unsealedEvents(em: EntityManager, batchSize: number): Promise<SealedContent[]> {
  return em.execute<SealedContent[]>(
    `select ${sealedColumns} from audit_event as event where event.sealed_at is null order by event.recorded_order limit ?`,
    [batchSize],
  );
}

interface HeadRow {
  organizationId: string;
  signedPosition: number | null;
  signedHash: string | null;
  origin: string | null;
  treeSize: number | null;
  edge: string | null;
  note: string | null;
  sealedPosition: number | null;
  sealedHash: string | null;
}

/**
 * Where each chain goes on. A checkpoint that is ahead of its seals stays the head: the gap must show, not be filled.
 */
async function readHeads(
  em: EntityManager,
  organizationIds: ReadonlySet<string>,
  { trustedKeys, logName }: { trustedKeys: readonly string[]; logName: string },
): Promise<Map<string, Head>> {
  const rows = await em.execute<HeadRow[]>(
    `select wanted.id as "organizationId", checkpoint.position as "signedPosition", checkpoint.hash as "signedHash",
       checkpoint.origin, checkpoint.tree_size as "treeSize", checkpoint.edge, checkpoint.note,
       seal.position as "sealedPosition", seal.hash as "sealedHash"
     from unnest(?::uuid[]) as wanted (id)
       left join audit_checkpoint as checkpoint on checkpoint.organization_id = wanted.id
       left join lateral (
         select position, hash from audit_seal where organization_id = wanted.id order by position desc limit 1
       ) as seal on true`,
    [arrayLiteral(organizationIds)],
  );
  const heads = new Map<string, Head>();
  for (const row of rows) {
    const { organizationId } = row;
    const signed = { position: row.signedPosition ?? 0, hash: row.signedHash ?? genesisHash };
    const sealed = { position: row.sealedPosition ?? 0, hash: row.sealedHash ?? genesisHash };
    const last = sealed.position > signed.position ? sealed : signed;
    const origin = row.origin ?? originOf(logName, organizationId);
    heads.set(organizationId, { organizationId, ...last, origin, tree: treeOf(row, last.position, trustedKeys) });
  }
  return heads;
}

/** The tree to go on with, if it is the one that was signed: nobody gets a signature over what they put in its place. */
function treeOf(row: HeadRow, position: number, trustedKeys: readonly string[]): Frontier | null {
  if (position === 0) return new Frontier();
  if (row.note === null || row.treeSize !== position) return null;
  const checkpoint = parseCheckpoint(row.note);
  const tree = parseEdge(row.treeSize, row.edge ?? '');
  const isSigned = checkpoint && tree && checkpoint.size === tree.size && checkpoint.root.equals(tree.root());
  return isSigned && signerOf(checkpoint, trustedKeys) ? tree : null;
}

/** Moves the heads on as it goes. */
function sealsOf(events: readonly SealedContent[], heads: ReadonlyMap<string, Head>, nodes: TreeNode[]): Seal[] {
  return events.flatMap((event) =>
    // An organization named twice must not stop the sealer for everybody.
    [...new Set(event.organizationIds)].flatMap((organizationId) => {
      const head = heads.get(organizationId);
      if (!head) return [];
      const position = head.position + 1;
      const { hash: previousHash } = head;
      const hash = chainHash(previousHash, { organizationId, position }, event);
      Object.assign(head, { position, hash });
      if (head.tree) addLeaf(head.tree, organizationId, hash, nodes);
      return [{ organizationId, position, eventId: event.id, previousHash, hash }];
    }),
  );
}

async function insertSeals(em: EntityManager, seals: readonly Seal[]): Promise<void> {
  await em.execute(
    `insert into audit_seal (organization_id, position, event_id, previous_hash, hash)
     select * from unnest(?::uuid[], ?::int[], ?::uuid[], ?::text[], ?::text[])`,
    [
      arrayLiteral(seals.map((seal) => seal.organizationId)),
      arrayLiteral(seals.map((seal) => seal.position)),
      arrayLiteral(seals.map((seal) => seal.eventId)),
      arrayLiteral(seals.map((seal) => seal.previousHash)),
      arrayLiteral(seals.map((seal) => seal.hash)),
    ],
  );
}

async function markSealed(em: EntityManager, events: readonly SealedContent[]): Promise<void> {
  await em.execute(
    `update audit_event set sealed_at = date_trunc('milliseconds', clock_timestamp()) where id = any (?::uuid[])`,
    [arrayLiteral(events.map((event) => event.id))],
  );
}

/** Ids, numbers and base64url texts only: none of them needs quoting within an array. */
function arrayLiteral(items: Iterable<string | number>): string {
  return `{${[...items].join(',')}}`;
}
