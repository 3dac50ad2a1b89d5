import { record } from '#audit';
import { normalizeAddress, normalizeLogin, Refusal } from '#contracts';
import {
  Account,
  Address,
  asSystem,
  Credential,
  databaseNow,
  FailedSignIn,
  Invite,
  loadStanding,
  Membership,
  Organization,
  Session,
  SsoIdentity,
  type Database,
  type EntityManager,
  type SignInMethod,
} from '#persistence';
import {
  countAttempt,
  forgetAttempts,
  forgiveName,
  requireAttemptLeft,
  requireAttemptLeftIn,
  type Attempt,
  type AttemptLimits,
} from './attempts.ts';
import { hashPassword, verifyPassword } from './passwords.ts';
import { openSignInStep } from './sign-in-step.ts';
import { opennessOf } from './tenancy-of.ts';
import { newToken, tokenDigest } from './tokens.ts';

const hour = 3600_000;
/** However busy, a session ends; a person signs in once a working day. */
export const absoluteSessionMilliseconds = 12 * hour;
/** Unused for so long, a session ends. */
export const idleSessionMilliseconds = 2 * hour;

export interface OpenedSession {
  token: string;
  expiresAt: Date;
  account: { id: string; email: string; displayName: string };
  sessionId: string;
}

export interface SignIn {
  /** E-mail address, alias or username. */
  login: string;
  password: string;
  userAgent?: string | null;
  /** Where the request comes from; tries in vain are counted per network, too. */
  sourceAddress?: string | undefined;
  /** The browser, where this login has proven itself in it before. */
  knownDevice?: string | undefined;
}

/** Generous to people who mistype, useless for guessing. Signing in at last starts the count of the name afresh. */
const signInLimits: AttemptLimits = { kind: 'sign-in', perName: 10, perNetwork: 100, windowSeconds: 15 * 60 };

/**
 * Signs a person in by password. Unknown login, wrong password and removed account all answer `wrong_credentials`
 * after the same work, and too many of them `too_many_requests`, whoever the name belongs to. A person all of whose
 * organizations allow single sign-on only gets `login_method_not_allowed`, and only with the right password. Where a
 * second factor is enrolled the password is half the way: `second_factor_required` with the `step` to go on with.
 */
export async function signIn(database: Database, credentials: SignIn): Promise<OpenedSession> {
  const { password, userAgent, sourceAddress, knownDevice } = credentials;
  const login = normalizeLogin(credentials.login);
  const attempt = { name: login, sourceAddress, knownDevice };
  const candidate = await database.transaction(asSystem, async (em) => {
    await requireAttemptLeftIn(em, signInLimits, attempt);
    return findByLogin(em, login);
  });
  const matches = await verifyPassword(password, candidate?.passwordHash ?? null);
  await judgeAttempt(database, attempt, matches, (em) => rememberFailure(em, login, sourceAddress));
  if (!candidate) throw new Refusal('wrong_credentials');

  const outcome = await database.transaction(asSystem, async (em) => {
    const account = await em.findOneOrFail(Account, { id: candidate.accountId });
    if (!(await mayUsePassword(em, account.id))) throw new Refusal('login_method_not_allowed');
    const secondFactors = await secondFactorsOf(em, account.id);
    if (secondFactors.length > 0) {
      const opened = await openSignInStep(em, { purpose: 'second_factor', accountId: account.id });
      return { secondFactors, ...opened };
    }
    return openSession(em, account, {
      method: 'password',
      organizationId: null,
      userAgent: userAgent ?? null,
      sourceAddress,
      amr: ['pwd'],
    });
  });
  // Refused after the commit, so that the step is there to go on with.
  if ('step' in outcome) {
    const { step, secondFactors, expiresAt } = outcome;
    throw new Refusal('second_factor_required', { step, secondFactors, expiresAt: expiresAt.toISOString() });
  }
  return outcome;
}

export type SecondFactor = 'passkey' | 'authenticator_app' | 'recovery_code';

/** What a person has enrolled beside a password; recovery codes count only in place of something that may be lost. */
export async function secondFactorsOf(em: EntityManager, accountId: string): Promise<SecondFactor[]> {
  const [has] = await em.execute<{ passkeys: boolean; apps: boolean }[]>(
    `select exists (select 1 from passkey where account_id = ?) as passkeys,
            exists (select 1 from authenticator_app where account_id = ? and confirmed_at is not null) as apps`,
    [accountId, accountId],
  );
  if (!has?.passkeys && !has?.apps) return [];
  return [
    ...(has.passkeys ? ['passkey' as const] : []),
    ...(has.apps ? ['authenticator_app' as const] : []),
    'recovery_code',
  ];
}

/** Written for known and unknown names alike; the worker tells the trails concerned. */
async function rememberFailure(em: EntityManager, login: string, sourceAddress: string | undefined): Promise<void> {
  em.create(FailedSignIn, {
    login,
    method: 'password',
    sourceAddress: sourceAddress ?? null,
    at: await databaseNow(em),
  });
}

/** Proves a signed-in person by their password again; counted with their tries to sign in. */
export async function confirmPassword(
  database: Database,
  { accountId, password, sourceAddress }: { accountId: string; password: string; sourceAddress?: string | undefined },
): Promise<void> {
  const attempt = { name: accountId, sourceAddress };
  const credential = await database.transaction(asSystem, async (em) => {
    await requireAttemptLeftIn(em, signInLimits, attempt);
    return em.findOne(Credential, { accountId });
  });
  await judgeAttempt(database, attempt, await verifyPassword(password, credential?.passwordHash ?? null));
}

/**
 * Only tries in vain count. A right password among too many wrong ones that came at once is refused like them: else
 * whoever guesses in parallel would have as many guesses as fit in the queue.
 */
async function judgeAttempt(
  database: Database,
  attempt: Attempt,
  matches: boolean,
  noteFailure?: (em: EntityManager) => Promise<void>,
): Promise<void> {
  if (!matches) {
    await countAttempt(database, signInLimits, attempt, noteFailure);
    throw new Refusal('wrong_credentials');
  }
  await requireAttemptLeft(database, signInLimits, attempt);
  await forgiveName(database, signInLimits, attempt);
}

/** A person who has proven their mailbox may sign in at once, whoever tried in vain before. */
export async function forgetFailedSignIns(em: EntityManager, { id, email }: Account): Promise<void> {
  const credential = await em.findOne(Credential, { accountId: id });
  const addresses = await em.find(Address, { accountId: id });
  const names = [id, normalizeAddress(email), ...addresses.map(({ address }) => address)];
  await forgetAttempts(em, signInLimits, [...names, ...(credential ? [credential.username] : [])]);
}

/** One statement whatever it finds: a known name must not cost a query more than an unknown one. */
async function findByLogin(
  em: EntityManager,
  login: string,
): Promise<{ accountId: string; passwordHash: string } | undefined> {
  const [found] = await em.execute<{ accountId: string; passwordHash: string }[]>(
    `select account.id as "accountId", credential.password_hash as "passwordHash"
       from credential join account on account.id = credential.account_id
      where account.removed_at is null
        and credential.account_id = coalesce(
          (select address.account_id from address where address.address = ? and address.verified_at is not null),
          (select named.account_id from credential as named where named.username = ?))`,
    [login, login],
  );
  return found;
}

/**
 * Whether any of the person's organizations lets them in by password, or one that waits for them to accept its invite;
 * somebody who belongs to none may still sign in.
 */
export async function mayUsePassword(em: EntityManager, accountId: string): Promise<boolean> {
  const memberships = await em.find(Membership, { accountId, removedAt: null });
  if (memberships.length === 0) return true;
  const addresses = await em.find(Address, { accountId, verifiedAt: { $ne: null } });
  const personKey = { $in: [accountId, ...addresses.map(({ address }) => address)] };
  const invites = await em.find(Invite, { personKey, status: { $in: ['pending', 'failed'] } });
  const organizations = await em.find(Organization, {
    id: { $in: [...memberships, ...invites].map((row) => row.organizationId) },
  });
  return organizations.some((organization) => organization.loginMethods.includes('password'));
}

export interface SessionProof {
  method: SignInMethod;
  /** Where a single sign-on was made; null for any other sign-in. */
  organizationId: string | null;
  amr?: readonly string[];
  acr?: string | null;
  /** When the proof was given; default now, and never later. */
  authenticatedAt?: Date | null;
  secondFactorAt?: Date | null;
  ssoIdentityId?: string | null;
  providerSessionId?: string | null;
  userAgent: string | null;
  sourceAddress?: string | undefined;
}

/** Opens a session, and tells the trail of every organization it opens: each its own event, which names no other. */
export async function openSession(em: EntityManager, account: Account, proof: SessionProof): Promise<OpenedSession> {
  const { method, organizationId, amr = [], acr = null, secondFactorAt = null, userAgent, sourceAddress } = proof;
  const token = newToken('cs_session');
  const now = await databaseNow(em);
  const expiresAt = new Date(now.getTime() + absoluteSessionMilliseconds);
  const authenticatedAt = proof.authenticatedAt && proof.authenticatedAt < now ? proof.authenticatedAt : now;
  const session = em.create(Session, {
    accountId: account.id,
    tokenDigest: tokenDigest(token),
    organizationId,
    method,
    amr: [...amr],
    acr,
    authenticatedAt,
    secondFactorAt,
    ssoIdentityId: proof.ssoIdentityId ?? null,
    providerSessionId: proof.providerSessionId ?? null,
    userAgent: userAgent?.slice(0, 300) ?? null,
    lastSeenAt: now,
    expiresAt,
    createdAt: now,
  });
  await em.flush();
  const standing = await loadStanding(em, { subjectIds: [account.id] });
  const { openOrganizationIds } = opennessOf(standing, account.id, { method, organizationId, secondFactorAt });
  const identity = proof.ssoIdentityId ? await em.findOne(SsoIdentity, { id: proof.ssoIdentityId }) : null;
  for (const opened of openOrganizationIds) {
    record(em, {
      action: 'session.opened',
      actor: { kind: 'account', id: account.id },
      organizationIds: [opened],
      subject: { kind: 'account', id: account.id },
      facts: {
        sessionId: session.id,
        method,
        ...(identity && { issuer: identity.issuer }),
        amr,
        acr,
        secondFactor: secondFactorAt !== null,
      },
      personal: { names: { [account.id]: account.displayName }, ...(sourceAddress && { sourceAddress }) },
      at: now,
    });
  }
  await em.flush();
  return {
    token,
    expiresAt,
    sessionId: session.id,
    account: { id: account.id, email: account.email, displayName: account.displayName },
  };
}

/** Ends a session at once; ending one that is over is not an error. */
export async function endSession(database: Database, sessionId: string): Promise<void> {
  await database.transaction(asSystem, async (em) => {
    await em.nativeUpdate(Session, { id: sessionId, revokedAt: null }, { revokedAt: await databaseNow(em) });
  });
}

/** Makes the person's password; the caller has checked who asks. All sessions but `keepSessionId` end. */
export async function setPassword(
  em: EntityManager,
  {
    accountId,
    username,
    password,
    now,
    keepSessionId,
  }: { accountId: string; username: string; password: string; now: Date; keepSessionId?: string },
): Promise<void> {
  const passwordHash = await hashPassword(password);
  const existing = await em.findOne(Credential, { accountId });
  if (existing) {
    existing.passwordHash = passwordHash;
    existing.changedAt = now;
  } else {
    em.create(Credential, { accountId, username: normalizeLogin(username), passwordHash, changedAt: now });
  }
  await em.flush();
  await em.nativeUpdate(
    Session,
    { accountId, revokedAt: null, ...(keepSessionId && { id: { $ne: keepSessionId } }) },
    { revokedAt: now },
  );
}
