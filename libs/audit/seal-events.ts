import { databaseNow, type Database, type EntityManager, asSealer } from '#persistence';
import { chainHash, genesisHash, type SealedContent } from './chain.ts';
import { sealedColumns } from './read-chain.ts';
import { tryToLockSealing } from './sealer-lock.ts';
import { signCheckpoint, type SigningKey } from './signing.ts';

interface Head {
  position: number;
  hash: string;
}

interface Seal extends Head {
  organizationId: string;
  eventId: string;
  previousHash: string;
}

/**
 * Gives the oldest unsealed events their places in the chains of their organizations and signs the new heads, all in
 * one transaction. Only one sealer works at a time, another one returns 0 at once; who records an event waits for
 * neither. An event whose transaction commits late is sealed later than its order of recording says. An event of no
 * organization has no chain to stand in; it only stops being looked for.
 * @returns how many events were sealed, at most `batchSize`; 0 means nothing is left or another sealer is at work
 */
export async function sealEvents(
  database: Database,
  signingKey: SigningKey,
  { batchSize = 5000 }: { batchSize?: number } = {},
): Promise<number> {
  return database.transaction(asSealer, async (em) => {
    if (!(await tryToLockSealing(em))) return 0;
    const events = await unsealedEvents(em, batchSize);
    if (events.length === 0) return 0;
    const heads = await readHeads(em, new Set(events.flatMap((event) => event.organizationIds)));
    await insertSeals(em, sealsOf(events, heads));
    await markSealed(em, events);
    await saveCheckpoints(em, signingKey, heads);
    return events.length;
  });
}

async function unsealedEvents(em: EntityManager, batchSize: number): Promise<SealedContent[]> {
  return em.execute<SealedContent[]>(
    `select ${sealedColumns} from audit_event as event where event.sealed_at is null order by event.recorded_order limit ?`,
    [batchSize],
  );
}

/**
 * Where each chain goes on. A checkpoint that is ahead of its seals stays the head: the gap must show, not be filled.
 */
async function readHeads(em: EntityManager, organizationIds: ReadonlySet<string>): Promise<Map<string, Head>> {
  const rows = await em.execute<(Head & { organizationId: string })[]>(
    `select wanted.id as "organizationId", head.position, head.hash
     from unnest(?::uuid[]) as wanted (id) cross join lateral (
       select position, hash from (
         (select position, hash, 1 as rank from audit_checkpoint where organization_id = wanted.id)
         union all
         (select position, hash, 2 from audit_seal where organization_id = wanted.id order by position desc limit 1)
       ) as known order by position desc, rank limit 1
     ) as head`,
    [arrayLiteral(organizationIds)],
  );
  const heads = new Map<string, Head>([...organizationIds].map((id) => [id, { position: 0, hash: genesisHash }]));
  for (const { organizationId, position, hash } of rows) heads.set(organizationId, { position, hash });
  return heads;
}

/** Moves the heads on as it goes. */
function sealsOf(events: readonly SealedContent[], heads: Map<string, Head>): Seal[] {
  return events.flatMap((event) =>
    // An organization named twice must not stop the sealer for everybody.
    [...new Set(event.organizationIds)].map((organizationId) => {
      const { position: last, hash: previousHash } = heads.get(organizationId) ?? { position: 0, hash: genesisHash };
      const position = last + 1;
      const hash = chainHash(previousHash, { organizationId, position }, event);
      heads.set(organizationId, { position, hash });
      return { organizationId, position, eventId: event.id, previousHash, hash };
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

async function saveCheckpoints(em: EntityManager, key: SigningKey, heads: ReadonlyMap<string, Head>): Promise<void> {
  const at = (await databaseNow(em)).toISOString();
  const checkpoints = [...heads].map(([organizationId, head]) => signCheckpoint(key, { organizationId, ...head, at }));
  await em.execute(
    `insert into audit_checkpoint (organization_id, position, hash, signature, at, key_id, public_key)
     select signed.*, ?::timestamptz, ?, ? from unnest(?::uuid[], ?::int[], ?::text[], ?::text[]) as signed
     on conflict (organization_id) do update set position = excluded.position, hash = excluded.hash,
       signature = excluded.signature, at = excluded.at, key_id = excluded.key_id, public_key = excluded.public_key`,
    [
      at,
      key.keyId,
      key.publicKey,
      arrayLiteral(checkpoints.map((checkpoint) => checkpoint.organizationId)),
      arrayLiteral(checkpoints.map((checkpoint) => checkpoint.position)),
      arrayLiteral(checkpoints.map((checkpoint) => checkpoint.hash)),
      arrayLiteral(checkpoints.map((checkpoint) => checkpoint.signature)),
    ],
  );
}

/** Ids, numbers and base64url texts only: none of them needs quoting within an array. */
function arrayLiteral(items: Iterable<string | number>): string {
  return `{${[...items].join(',')}}`;
}
