import { Refusal } from '#contracts';
import {
  Account,
  Address,
  ApiKey,
  asSystem,
  Credential,
  databaseNow,
  Membership,
  Organization,
  Session,
  type Database,
  type EntityManager,
} from '#persistence';
import { hashPassword, verifyPassword } from './passwords.ts';
import { bootstrapSupport, type Principal } from './principal.ts';
import { tenancyOfAccount, tenancyOfService } from './tenancy-of.ts';
import { newToken, sameSecret, tokenDigest } from './tokens.ts';

const hour = 3600_000;
/** However busy, a session ends; a person signs in once a working day. */
export const absoluteSessionMilliseconds = 12 * hour;
/** Unused for so long, a session ends. */
export const idleSessionMilliseconds = 2 * hour;
/** Writing the last use on every request would make each read a write. */
const touchAfterMilliseconds = 60_000;

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
}

/**
 * Signs a person in by password. Unknown login, wrong password and removed account all answer `wrong_credentials`
 * after the same work. A person all of whose organizations allow single sign-on only gets `login_method_not_allowed`,
 * and only with the right password.
 */
export async function signIn(database: Database, { login, password, userAgent }: SignIn): Promise<OpenedSession> {
  const candidate = await database.transaction(asSystem, (em) => findByLogin(em, login.trim().toLowerCase()));
  const matches = await verifyPassword(password, candidate?.credential.passwordHash ?? null);
  if (!candidate || !matches) throw new Refusal('wrong_credentials');

  return database.transaction(asSystem, async (em) => {
    const account = await em.findOneOrFail(Account, { id: candidate.account.id });
    const methods = await allowedLoginMethods(em, account.id);
    if (methods.size > 0 && !methods.has('password')) throw new Refusal('login_method_not_allowed');
    return openSession(em, account, { method: 'password', organizationId: null, userAgent: userAgent ?? null });
  });
}

async function findByLogin(em: EntityManager, login: string) {
  const address = await em.findOne(Address, { address: login });
  const credential = await em.findOne(Credential, address ? { accountId: address.accountId } : { username: login });
  const account = credential && (await em.findOne(Account, { id: credential.accountId, removedAt: null }));
  return account && credential ? { account, credential } : null;
}

async function allowedLoginMethods(em: EntityManager, accountId: string): Promise<Set<string>> {
  const memberships = await em.find(Membership, { accountId, removedAt: null });
  const organizations = await em.find(Organization, { id: { $in: memberships.map((row) => row.organizationId) } });
  return new Set(organizations.flatMap((organization) => organization.loginMethods));
}

export async function openSession(
  em: EntityManager,
  account: Account,
  {
    method,
    organizationId,
    userAgent,
  }: { method: 'password' | 'sso'; organizationId: string | null; userAgent: string | null },
): Promise<OpenedSession> {
  const token = newToken('cs_session');
  const now = await databaseNow(em);
  const expiresAt = new Date(now.getTime() + absoluteSessionMilliseconds);
  const session = em.create(Session, {
    accountId: account.id,
    tokenDigest: tokenDigest(token),
    organizationId,
    method,
    userAgent: userAgent?.slice(0, 300) ?? null,
    lastSeenAt: now,
    expiresAt,
  });
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

/** Who a bearer token belongs to; null for anything that is not a live session, a live API key or the support token. */
export async function authenticate(database: Database, token: string, supportToken: string): Promise<Principal | null> {
  if (sameSecret(token, supportToken)) return bootstrapSupport;
  if (token.startsWith('cs_session_')) return database.transaction(asSystem, (em) => principalOfSession(em, token));
  if (token.startsWith('cs_key_')) return database.transaction(asSystem, (em) => principalOfKey(em, token));
  return null;
}

async function principalOfSession(em: EntityManager, token: string): Promise<Principal | null> {
  const now = await databaseNow(em);
  const session = await em.findOne(Session, {
    tokenDigest: tokenDigest(token),
    revokedAt: null,
    expiresAt: { $gt: now },
  });
  if (!session || now.getTime() - session.lastSeenAt.getTime() > idleSessionMilliseconds) return null;
  const account = await em.findOne(Account, { id: session.accountId, removedAt: null });
  if (!account) return null;
  if (now.getTime() - session.lastSeenAt.getTime() > touchAfterMilliseconds) session.lastSeenAt = now;

  const platform = await em.findOne(Organization, { kind: 'platform' });
  const support =
    platform !== null &&
    (await em.count(Membership, {
      accountId: account.id,
      organizationId: platform.id,
      kind: 'home',
      removedAt: null,
    })) > 0;
  return {
    kind: 'account',
    accountId: account.id,
    displayName: account.displayName,
    email: account.email,
    sessionId: session.id,
    method: session.method,
    sessionOrganizationId: session.organizationId ?? null,
    sessionExpiresAt: session.expiresAt,
    support,
    tenancy: await tenancyOfAccount(em, account.id, now),
  };
}

async function principalOfKey(em: EntityManager, token: string): Promise<Principal | null> {
  const key = await em.findOne(ApiKey, { tokenDigest: tokenDigest(token), revokedAt: null });
  if (!key) return null;
  const now = await databaseNow(em);
  return {
    kind: 'service',
    apiKeyId: key.id,
    name: key.name,
    organizationId: key.organizationId,
    tenancy: await tenancyOfService(em, key.id, key.organizationId, now),
  };
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
    em.create(Credential, { accountId, username: username.trim().toLowerCase(), passwordHash, changedAt: now });
  }
  await em.flush();
  await em.nativeUpdate(
    Session,
    { accountId, revokedAt: null, ...(keepSessionId && { id: { $ne: keepSessionId } }) },
    { revokedAt: now },
  );
}
