import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import { Refusal } from '#contracts';
import { readAssertion, type RelyingParty } from '#identity';
import { Passkey, type EntityManager } from '#persistence';
import { lockRow } from '../lock.ts';

/** The passkey that answered the challenge, of `accountId` where one is named; its counter goes on. */
export async function assertPasskey(
  em: EntityManager,
  party: RelyingParty,
  {
    challenge,
    accountId,
    response,
    now,
  }: { challenge: string; accountId: string | null; response: AuthenticationResponseJSON; now: Date },
): Promise<Passkey> {
  const passkey = await lockRow(em, Passkey, {
    credentialId: response.id,
    ...(accountId !== null && { accountId }),
  });
  if (!passkey) throw new Refusal('passkey_invalid');
  const { counter, backedUp } = await readAssertion(party, challenge, passkey, response);
  passkey.counter = counter;
  passkey.backedUp = backedUp;
  passkey.lastUsedAt = now;
  await em.flush();
  return passkey;
}
