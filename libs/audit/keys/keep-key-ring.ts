import { asSealer, databaseNow, type Database, type EntityManager } from '#persistence';
import { lockSealing } from '../sealer-lock.ts';
import type { SigningKey } from '../signing.ts';
import { firstKey, linkKeys, type KeyLink, type KeyRing } from './key-ring.ts';
import { readKeyRing } from './read-key-ring.ts';

/** SIGNING_KEY was changed by hand: no link leads from the keys of before to it, so nobody could trust what it signs. */
export class UnknownSigningKeyError extends Error {
  override readonly name = 'UnknownSigningKeyError';

  constructor(keyId: string) {
    super(
      `SIGNING_KEY (${keyId}) is none of the keys this service has signed with. Set the former key again; to change it, ` +
        'name the new one as NEXT_SIGNING_KEY and run `countersign keys rotate`.',
    );
  }
}

/**
 * Begins the ring with this key, or sees that it is in the ring. A service of before, which signed with the key derived
 * from PAYLOAD_KEY, begins with that one and hands over: what it has signed goes on being valid.
 * @throws UnknownSigningKeyError
 */
export async function joinKeyRing(
  database: Database,
  key: SigningKey,
  derivedKeys: readonly SigningKey[],
): Promise<void> {
  await database.transaction(asSealer, async (em) => {
    await lockSealing(em);
    const ring = await readKeyRing(em);
    if (ring.some(({ publicKey }) => publicKey === key.publicKey)) return;
    if (ring.length > 0) throw new UnknownSigningKeyError(key.keyId);
    const since = (await databaseNow(em)).toISOString();
    const derivedKey = await whichHasSigned(em, derivedKeys);
    if (!derivedKey) return append(em, [], firstKey(key, since));
    const first = firstKey(derivedKey, since);
    await append(em, [], first);
    await append(em, [first], linkKeys(derivedKey, key, since));
  });
}

/**
 * Hands over to the next key. What either has signed stays valid, and so does what processes go on signing with the
 * present one until they are started anew. The same hand-over again changes nothing.
 * @throws UnknownSigningKeyError where the present key is not the last of the ring
 */
export async function rotateSigningKey(database: Database, present: SigningKey, next: SigningKey): Promise<void> {
  await database.transaction(asSealer, async (em) => {
    await lockSealing(em);
    const ring = await readKeyRing(em);
    if (ring.at(-1)?.publicKey === next.publicKey && ring.at(-2)?.publicKey === present.publicKey) return;
    if (ring.at(-1)?.publicKey !== present.publicKey) throw new UnknownSigningKeyError(present.keyId);
    await append(em, ring, linkKeys(present, next, (await databaseNow(em)).toISOString()));
  });
}

async function whichHasSigned(em: EntityManager, keys: readonly SigningKey[]): Promise<SigningKey | null> {
  for (const key of keys) {
    const [row] = await em.execute<{ found: boolean }[]>(
      'select exists (select 1 from audit_checkpoint where key_id = ?) as found',
      [key.keyId],
    );
    if (row?.found) return key;
  }
  return null;
}

async function append(em: EntityManager, ring: KeyRing, link: KeyLink): Promise<void> {
  await em.execute(
    `insert into audit_signing_key (place, key_id, public_key, since, endorsement, acceptance) values (?, ?, ?, ?, ?, ?)`,
    [ring.length + 1, link.keyId, link.publicKey, link.since, link.endorsement, link.acceptance],
  );
}
