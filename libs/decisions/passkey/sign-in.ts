import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import { Refusal } from '#contracts';
import {
  assertionOptions,
  countAttempt,
  mayUsePassword,
  openSession,
  openSignInStep,
  requireAttemptLeft,
  takeSignInStep,
  type AssertionOptions,
  type AttemptLimits,
  type OpenedSession,
  type RelyingParty,
} from '#identity';
import { Account, asSystem, databaseNow, Passkey, type Database } from '#persistence';
import { tellOfFailure } from '../session/second-factor.ts';
import { assertPasskey } from './assert.ts';

/** Nobody guesses a signature; this only bounds the work. */
const limits: AttemptLimits = { kind: 'passkey', perName: 20, perNetwork: 100, windowSeconds: 15 * 60 };

/** A challenge that any passkey of this service may sign: the device knows which ones it has, we are told no name. */
export async function beginPasskeySignIn(
  database: Database,
  party: RelyingParty,
): Promise<{ step: string; options: AssertionOptions }> {
  const options = await assertionOptions(party);
  return database.transaction(asSystem, async (em) => {
    const { step } = await openSignInStep(em, {
      purpose: 'passkey_sign_in',
      accountId: null,
      challenge: options.challenge,
    });
    return { step, options };
  });
}

/** Signs the passkey's person in: it is something they have, unlocked by something they know or are. */
export async function signInByPasskey(
  database: Database,
  party: RelyingParty,
  {
    step,
    response,
    userAgent,
    sourceAddress,
  }: {
    step: string;
    response: AuthenticationResponseJSON;
    userAgent: string | null;
    sourceAddress?: string | undefined;
  },
): Promise<OpenedSession> {
  const attempt = { name: response.id, sourceAddress };
  await requireAttemptLeft(database, limits, attempt);
  // Committed before the answer is judged: a challenge is answered once.
  const { challenge } = await database.transaction(asSystem, (em) => takeSignInStep(em, step, 'passkey_sign_in'));
  try {
    return await database.transaction(asSystem, async (em) => {
      const now = await databaseNow(em);
      const passkey = await assertPasskey(em, party, { challenge, accountId: null, response, now });
      const account = await em.findOne(Account, { id: passkey.accountId, removedAt: null });
      if (!account) throw new Refusal('passkey_invalid');
      if (!(await mayUsePassword(em, account.id))) throw new Refusal('login_method_not_allowed');
      return openSession(em, account, {
        method: 'passkey',
        organizationId: null,
        amr: ['pop', 'user', 'mfa'],
        secondFactorAt: now,
        userAgent,
        sourceAddress,
      });
    });
  } catch (error) {
    if (error instanceof Refusal && error.code === 'passkey_invalid') {
      await countAttempt(database, limits, attempt);
      await tellHolder(database, response.id, sourceAddress);
    }
    throw error;
  }
}

/** A passkey that answers wrongly may be a copy: its person's organizations read of it. */
async function tellHolder(database: Database, credentialId: string, sourceAddress: string | undefined): Promise<void> {
  const passkey = await database.transaction(asSystem, (em) => em.findOne(Passkey, { credentialId }));
  if (passkey) await tellOfFailure(database, passkey.accountId, 'passkey_invalid', sourceAddress, 'passkey');
}
