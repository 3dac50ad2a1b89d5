import { calculateJwkThumbprint, exportJWK, exportPKCS8, generateKeyPair, importPKCS8, type JWK } from 'jose';
import type { Keys } from '#config';
import { seal, unseal } from '#identity';
import { inSystemRole, SignalKey, type EntityManager } from '#persistence';

/** What the CAEP interoperability profile asks every receiver to know. */
export const signalAlgorithm = 'RS256';
/** Bits; what the profile asks for at least. */
const modulusLength = 2048;

/** Makes the service's first key where there is none. Of two at once one waits, and finds it made. */
export async function requireSignalKey(em: EntityManager, sealingKeys: Keys): Promise<void> {
  await inSystemRole(em, async () => {
    if ((await em.count(SignalKey)) > 0) return;
    await em.execute(`select pg_advisory_xact_lock(hashtext('countersign signal key'))`);
    if ((await em.count(SignalKey)) > 0) return;
    const { publicKey, privateKey } = await generateKeyPair(signalAlgorithm, { modulusLength, extractable: true });
    const jwk = await exportJWK(publicKey);
    em.create(SignalKey, {
      id: await calculateJwkThumbprint(jwk),
      publicKey: jwk,
      sealedPrivateKey: seal(sealingKeys, await exportPKCS8(privateKey)),
    });
    await em.flush();
  });
}

/** Every key whose signatures may still be on their way, the latest first. */
export async function publishedSignalKeys(em: EntityManager): Promise<JWK[]> {
  const keys = await em.find(SignalKey, {}, { orderBy: { createdAt: 'desc', id: 'asc' } });
  return keys.map(({ id, publicKey }) => ({ ...publicKey, kid: id, alg: signalAlgorithm, use: 'sig' }));
}

/** The key that signs at the moment. */
export async function signingSignalKey(em: EntityManager, sealingKeys: Keys) {
  const [key] = await em.find(SignalKey, {}, { orderBy: { createdAt: 'desc', id: 'asc' }, limit: 1 });
  if (!key) throw new Error('A stream of signals was made without a key');
  return { id: key.id, privateKey: await importPKCS8(unseal(sealingKeys, key.sealedPrivateKey), signalAlgorithm) };
}
