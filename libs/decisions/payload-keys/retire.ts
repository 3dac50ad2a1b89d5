import { checkValueOf, deriveKeys, keyIdOf, type Keys } from '#config';
import { inviteToken, tokenDigest } from '#identity';
import { asSystem, type Database, type EntityManager } from '#persistence';
import { knownKeys, lockKeys } from './join.ts';
import { sealedPlaces } from './places.ts';
import { isSealedByOther } from './reseal.ts';

/** A key that seals no more, and what still needs it; nothing: it may be taken out of PAYLOAD_KEYS. */
export interface FormerKey {
  keyId: string;
  neededBy: readonly string[];
}

/** Whether the first of the keys is the one that processes seal with. */
export async function isSealing(database: Database, [present]: Keys): Promise<boolean> {
  const [sealing] = await database.transaction(asSystem, knownKeys);
  return sealing?.checkValue === checkValueOf(present);
}

/**
 * Writes down which of the former keys nothing needs any more, so that the service starts without them.
 * @param running how many running workflows need a key, by its id; null where Temporal does not say
 */
export async function retireFormerKeys(
  database: Database,
  keys: Keys,
  running: ReadonlyMap<string, number> | null,
): Promise<FormerKey[]> {
  const [present, ...others] = keys;
  return database.transaction(asSystem, async (em) => {
    await lockKeys(em);
    const known = await knownKeys(em);
    const isSettled = known[0]?.checkValue === checkValueOf(present) && known[0].isSettled;
    const links = await linksOfOpenInvites(em, keys);
    const isStored = await isAnythingSealedByOther(em, present);
    const former: FormerKey[] = [];
    for (const key of others) {
      const keyId = keyIdOf(key);
      const workflows =
        running === null ? 'workflows, maybe: Temporal did not say' : count(running.get(keyId), 'running workflow');
      const neededBy = [
        workflows,
        count(links.get(keyId), 'open invite'),
        isStored ? 'something stored' : null,
        isSettled ? null : 'what was sealed within the last day',
      ].filter((reason) => reason !== null);
      former.push({ keyId, neededBy });
      if (neededBy.length > 0) continue;
      await em.execute(
        `update payload_key set retired_at = clock_timestamp() where check_value = ? and retired_at is null`,
        [checkValueOf(key)],
      );
    }
    return former;
  });
}

const count = (number = 0, what: string): string | null =>
  number === 0 ? null : `${number} ${what}${number === 1 ? '' : 's'}`;

/** Whoever opens a link is known by the key that made it, until the invite is over. */
async function linksOfOpenInvites(em: EntityManager, keys: Keys): Promise<Map<string, number>> {
  const invites = await em.execute<{ id: string; version: number; digest: string }[]>(
    `select id, link_version as version, token_digest as digest from invite
      where status in ('pending', 'failed') and expires_at > clock_timestamp()`,
  );
  const inviteKeys = deriveKeys(keys, 'invite-links');
  const links = new Map<string, number>();
  for (const { id, version, digest } of invites) {
    const maker = inviteKeys.findIndex((key) => tokenDigest(inviteToken([key], id, version)) === digest);
    const key = keys[maker];
    if (key) links.set(keyIdOf(key), (links.get(keyIdOf(key)) ?? 0) + 1);
  }
  return links;
}

async function isAnythingSealedByOther(em: EntityManager, present: Buffer): Promise<boolean> {
  const [first] = deriveKeys([present], 'stored-secrets');
  for (const place of sealedPlaces) {
    const rows = await em.execute(`select 1 from ${place.table} where ${isSealedByOther(place)} limit 1`, [
      `${keyIdOf(first)}.%`,
    ]);
    if (rows.length > 0) return true;
  }
  return false;
}
