import type { EntityManager } from '#persistence';
import type { KeyRing } from './key-ring.ts';

/** Every key of this service, the first one first. Public: anybody may read it. */
export async function readKeyRing(em: EntityManager): Promise<KeyRing> {
  return em.execute<KeyRing[number][]>(
    `select key_id as "keyId", public_key as "publicKey", endorsement, acceptance,
       to_char(since at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as since
     from audit_signing_key order by place`,
  );
}
