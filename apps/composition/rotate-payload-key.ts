import { ConfigurationError, type Keys } from '#config';
import { isSealing, reseal, retireFormerKeys, type FormerKey, type Resealed } from '#decisions';
import type { Database } from '#persistence';
import type { TemporalClient } from '#temporal';

export interface PayloadKeyRotation {
  resealed: readonly Resealed[];
  former: readonly FormerKey[];
}

/**
 * Seals with the first of the keys what the others have sealed, and retires those of them that nothing needs any more.
 * Running workflows go on with what their histories are sealed with.
 */
export async function rotatePayloadKey(
  database: Database,
  keys: Keys,
  temporal: Pick<TemporalClient, 'payloadKeysInUse'> | null,
): Promise<PayloadKeyRotation> {
  // What is sealed with a key that no process has, no process opens.
  if (!(await isSealing(database, keys))) {
    throw new ConfigurationError([
      {
        variable: 'PAYLOAD_KEY',
        problem: 'is not the key that API and workers seal with',
        nextStep: 'Start them with it first, the former key in PAYLOAD_KEYS',
      },
    ]);
  }
  const resealed = await reseal(database, keys);
  const running = (await temporal?.payloadKeysInUse().catch(() => null)) ?? null;
  return { resealed, former: await retireFormerKeys(database, keys, running) };
}
