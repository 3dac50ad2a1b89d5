import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import type { Keys } from '#config';
import { record } from '#audit';
import { Refusal } from '#contracts';
import {
  assertionOptions,
  confirmPassword,
  countAttempt,
  forgiveName,
  mayUsePassword,
  openSession,
  openSignInStep,
  recoveryCodeDigest,
  opennessOf,
  takeSignInStep,
  timeStepOf,
  tokenDigest,
  unseal,
  type AssertionOptions,
  type AttemptLimits,
  type OpenedSession,
  type Principal,
  type RelyingParty,
} from '#identity';
import {
  Account,
  asSystem,
  AuthenticatorApp,
  databaseNow,
  loadStanding,
  Passkey,
  RecoveryCode,
  Session,
  SignInStep,
  type Database,
  type EntityManager,
} from '#persistence';
import { lockRow } from '../lock.ts';
import { assertPasskey } from '../passkey/assert.ts';

type Person = Principal & { kind: 'account' };

/** One proof beside the password. */
export type SecondFactorProof =
  { code: string } | { recoveryCode: string } | { passkey: { step: string; response: AuthenticationResponseJSON } };

export interface FactorKeys {
  party: RelyingParty;
  sealingKeys: Keys;
}

/** Six digits are a million: five tries in a quarter of an hour are nothing against them. */
const limits: AttemptLimits = { kind: 'second-factor', perName: 5, perNetwork: 100, windowSeconds: 15 * 60 };

/** A challenge for the passkeys of somebody who is half-way in, or who is to prove again who they are. */
export async function beginPasskeyProof(
  database: Database,
  party: RelyingParty,
  whose: { step: string } | { person: Person },
): Promise<{ step: string; options: AssertionOptions }> {
  return database.transaction(asSystem, async (em) => {
    const accountId = 'person' in whose ? whose.person.accountId : (await halfWay(em, whose.step)).accountId;
    const options = await assertionOptions(party, await em.find(Passkey, { accountId }));
    const { step } = await openSignInStep(em, { purpose: 'passkey_proof', accountId, challenge: options.challenge });
    return { step, options };
  });
}

/** The second half of a sign-in by password. The step goes on until it is finished; wrong proofs are counted. */
export async function completeSignIn(
  database: Database,
  keys: FactorKeys,
  {
    step,
    proof,
    userAgent,
    sourceAddress,
  }: { step: string; proof: SecondFactorProof; userAgent: string | null; sourceAddress?: string | undefined },
): Promise<OpenedSession> {
  const { accountId } = await database.transaction(asSystem, (em) => halfWay(em, step));
  const opened = await counted(database, accountId, sourceAddress, async () => {
    const challenge = await challengeFor(database, proof, accountId);
    return database.transaction(asSystem, async (em) => {
      const finished = await em.nativeDelete(SignInStep, { tokenDigest: tokenDigest(step) });
      if (finished === 0) throw new Refusal('sign_in_step_lost');
      const now = await databaseNow(em);
      const amr = await verify(em, keys, accountId, proof, challenge, now);
      const account = await em.findOne(Account, { id: accountId, removedAt: null });
      if (!account) throw new Refusal('sign_in_step_lost');
      if (!(await mayUsePassword(em, accountId))) throw new Refusal('login_method_not_allowed');
      return openSession(em, account, {
        method: 'password',
        organizationId: null,
        amr: ['pwd', ...amr, 'mfa'],
        secondFactorAt: now,
        userAgent,
        sourceAddress,
      });
    });
  });
  return opened;
}

/** The person of a session proves again who they are: by their password, or by more. */
export async function proveAgain(
  database: Database,
  keys: FactorKeys,
  person: Person,
  proof: SecondFactorProof | { password: string },
  sourceAddress: string | undefined,
): Promise<void> {
  const { accountId, sessionId } = person;
  // A provider's session is proven at the provider: else whoever knows a password could lift it.
  if (person.method === 'sso') throw new Refusal('own_factors_by_single_sign_on');
  if ('password' in proof) {
    await confirmPassword(database, { accountId, password: proof.password, sourceAddress });
    await database.transaction(asSystem, async (em) => {
      await em.nativeUpdate(Session, { id: sessionId }, { authenticatedAt: await databaseNow(em) });
    });
    return;
  }
  await counted(database, accountId, sourceAddress, async () => {
    const challenge = await challengeFor(database, proof, accountId);
    await database.transaction(asSystem, async (em) => {
      const now = await databaseNow(em);
      await verify(em, keys, accountId, proof, challenge, now);
      await em.nativeUpdate(Session, { id: sessionId }, { authenticatedAt: now, secondFactorAt: now });
    });
  });
}

async function halfWay(em: EntityManager, step: string): Promise<{ accountId: string }> {
  const found = await em.findOne(SignInStep, { tokenDigest: tokenDigest(step), purpose: 'second_factor' });
  if (!found?.accountId || found.expiresAt <= (await databaseNow(em))) throw new Refusal('sign_in_step_lost');
  return { accountId: found.accountId };
}

/** Committed before the answer is judged: a challenge is answered once. */
async function challengeFor(database: Database, proof: SecondFactorProof, accountId: string): Promise<string> {
  if (!('passkey' in proof)) return '';
  const { step } = proof.passkey;
  const taken = await database.transaction(asSystem, (em) => takeSignInStep(em, step, 'passkey_proof'));
  if (taken.accountId !== accountId) throw new Refusal('sign_in_step_lost');
  return taken.challenge;
}

/** The methods (RFC 8176) that were proven; each proof works once. */
async function verify(
  em: EntityManager,
  { party, sealingKeys }: FactorKeys,
  accountId: string,
  proof: SecondFactorProof,
  challenge: string,
  now: Date,
): Promise<string[]> {
  if ('passkey' in proof) {
    await assertPasskey(em, party, { challenge, accountId, response: proof.passkey.response, now });
    return ['pop', 'user'];
  }
  if ('code' in proof) {
    const app = await lockRow(em, AuthenticatorApp, { accountId, confirmedAt: { $ne: null } });
    const after = app?.lastTimeStep ?? null;
    const digits = proof.code.replace(/\s/g, '');
    const step = app && timeStepOf(unseal(sealingKeys, app.sealedSecret), digits, { now, after });
    if (!app || step === null) throw new Refusal('second_factor_wrong');
    app.lastTimeStep = step;
    await em.flush();
    return ['otp'];
  }
  const used = await em.nativeUpdate(
    RecoveryCode,
    { accountId, usedAt: null, codeDigest: recoveryCodeDigest(proof.recoveryCode) },
    { usedAt: now },
  );
  if (used === 0) throw new Refusal('second_factor_wrong');
  return ['otp'];
}

/**
 * Counted before it is judged, so that of many guesses at once no more than the limit are looked at; the right one
 * starts the count afresh. A wrong one is told on the trail: whoever gets here knows the password.
 */
async function counted<T>(
  database: Database,
  accountId: string,
  sourceAddress: string | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const attempt = { name: accountId, sourceAddress };
  await countAttempt(database, limits, attempt);
  try {
    const result = await work();
    await forgiveName(database, limits, { name: accountId });
    return result;
  } catch (error) {
    if (error instanceof Refusal && (error.code === 'second_factor_wrong' || error.code === 'passkey_invalid')) {
      await tellOfFailure(database, accountId, error.code, sourceAddress);
    }
    throw error;
  }
}

/** A second proof in vain, or a first one by passkey, on the trail of each organization it would have opened. */
export async function tellOfFailure(
  database: Database,
  accountId: string,
  code: string,
  sourceAddress: string | undefined,
  method: 'password' | 'passkey' = 'password',
): Promise<void> {
  await database.transaction(asSystem, async (em) => {
    const now = await databaseNow(em);
    const standing = await loadStanding(em, { subjectIds: [accountId] });
    const { openOrganizationIds } = opennessOf(standing, accountId, { method: 'password', organizationId: null });
    const account = await em.findOneOrFail(Account, { id: accountId });
    for (const organizationId of openOrganizationIds)
      record(em, {
        action: 'session.opened',
        actor: { kind: 'account', id: null },
        organizationIds: [organizationId],
        subject: { kind: 'account', id: accountId },
        outcome: 'refused',
        facts: { code, method },
        personal: { names: { [accountId]: account.displayName }, ...(sourceAddress && { sourceAddress }) },
        at: now,
      });
  });
}
