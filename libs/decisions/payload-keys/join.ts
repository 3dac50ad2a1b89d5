import { checkValueOf, deriveKeys, keyIdOf, type Keys } from '#config';
import { unseal } from '#identity';
import { asSystem, type Database, type EntityManager } from '#persistence';
import { anySealed } from './places.ts';

/** What is stored was sealed with a key that this process does not have: it would fail at it, and seal with another one. */
export class UnknownPayloadKeyError extends Error {
  override readonly name = 'UnknownPayloadKeyError';

  constructor(presentId: string, missingIds: readonly string[]) {
    const missing = missingIds.length === 0 ? 'a key that is not here' : missingIds.join(', ');
    super(
      `PAYLOAD_KEY (${presentId}) does not open what this database keeps: it was sealed with ${missing}. Set the former key again; ` +
        'to change it, set the new one as PAYLOAD_KEY, name the former one in PAYLOAD_KEYS, and run `countersign keys rotate`.',
    );
  }
}

/**
 * Sees that the payload keys open what is stored, and writes down which of them seals from now on. A database of before
 * this was written down is asked for something sealed, and that is tried.
 * @throws UnknownPayloadKeyError
 */
export async function joinPayloadKeys(database: Database, keys: Keys): Promise<void> {
  const [present] = keys;
  const mine = new Set(keys.map(checkValueOf));
  await database.transaction(asSystem, async (em) => {
    await lockKeys(em);
    const known = await knownKeys(em);
    const missing = known.filter(({ checkValue, isRetired }) => !isRetired && !mine.has(checkValue));
    if (missing.length > 0) {
      throw new UnknownPayloadKeyError(
        keyIdOf(present),
        missing.map(({ keyId }) => keyId),
      );
    }
    if (known.length === 0) await requireOpen(em, keys);
    if (known[0]?.checkValue === checkValueOf(present) && !known[0].isRetired) return;
    await em.execute(
      `insert into payload_key (check_value, key_id, sealing_since) values (?, ?, clock_timestamp())
       on conflict (check_value) do update set sealing_since = excluded.sealing_since, retired_at = null`,
      [checkValueOf(present), keyIdOf(present)],
    );
  });
}

interface KnownKey {
  checkValue: string;
  keyId: string;
  isRetired: boolean;
  /** Whether it has been the one that seals for so long that nothing short-lived is left from before. */
  isSettled: boolean;
}

/** The one that seals first. */
export async function knownKeys(em: EntityManager): Promise<KnownKey[]> {
  return em.execute<KnownKey[]>(
    `select check_value as "checkValue", key_id as "keyId", retired_at is not null as "isRetired",
            sealing_since < clock_timestamp() - interval '24 hours' as "isSettled"
       from payload_key order by sealing_since desc`,
  );
}

/** Two processes that start with different keys must not both find that nobody was there before. */
export async function lockKeys(em: EntityManager): Promise<void> {
  await em.execute(`select pg_advisory_xact_lock(hashtext('countersign/payload-keys'))`);
}

async function requireOpen(em: EntityManager, keys: Keys): Promise<void> {
  const sealed = await anySealed(em);
  if (sealed === null) return;
  try {
    unseal(deriveKeys(keys, 'stored-secrets'), sealed);
  } catch {
    throw new UnknownPayloadKeyError(keyIdOf(keys[0]), []);
  }
}
