import { createHash } from 'node:crypto';
import { newToken, openSession, sameSecret, tokenDigest, type OpenedSession, type SessionProof } from '#identity';
import { Account, asSystem, databaseNow, SessionCode, type Database, type EntityManager } from '#persistence';
import { Refusal } from '#contracts';

const validMilliseconds = 60_000;

/** What a provider said that is kept with the code until the session is opened. */
export type ProviderProof = Pick<
  SessionProof,
  'amr' | 'acr' | 'authenticatedAt' | 'secondFactorAt' | 'ssoIdentityId' | 'providerSessionId'
>;

/** After a single sign-on in a browser: a code that the client which began it exchanges for a session. */
export async function issueSessionCode(
  em: EntityManager,
  {
    accountId,
    organizationId,
    codeChallenge,
    proof,
  }: { accountId: string; organizationId: string; codeChallenge: string; proof: ProviderProof },
): Promise<{ code: string; expiresAt: Date }> {
  const code = newToken('cs_code');
  const now = await databaseNow(em);
  const expiresAt = new Date(now.getTime() + validMilliseconds);
  await em.nativeDelete(SessionCode, { expiresAt: { $lt: now } });
  em.create(SessionCode, {
    codeDigest: tokenDigest(code),
    accountId,
    organizationId,
    codeChallenge,
    expiresAt,
    amr: [...(proof.amr ?? [])],
    acr: proof.acr ?? null,
    authenticatedAt: proof.authenticatedAt ?? now,
    secondFactorAt: proof.secondFactorAt ?? null,
    ssoIdentityId: proof.ssoIdentityId ?? null,
    providerSessionId: proof.providerSessionId ?? null,
  });
  await em.flush();
  return { code, expiresAt };
}

/** Uses the code up, whoever sends it: only the client with the verifier gets a session for it, once (RFC 7636). */
export async function exchangeSessionCode(
  database: Database,
  {
    code,
    codeVerifier,
    userAgent,
    sourceAddress,
  }: { code: string; codeVerifier: string; userAgent: string | null; sourceAddress?: string | undefined },
): Promise<OpenedSession> {
  const opened = await database.transaction(asSystem, async (em) => {
    const used = await em.findOne(SessionCode, { codeDigest: tokenDigest(code) });
    if (!used || (await em.nativeDelete(SessionCode, { codeDigest: used.codeDigest })) === 0) return null;
    const challenge = createHash('sha256').update(codeVerifier).digest('base64url');
    if (used.expiresAt <= (await databaseNow(em)) || !sameSecret(challenge, used.codeChallenge)) return null;
    const account = await em.findOne(Account, { id: used.accountId, removedAt: null });
    const { organizationId, amr, acr, authenticatedAt, secondFactorAt, ssoIdentityId, providerSessionId } = used;
    const proof = { amr, acr, authenticatedAt, secondFactorAt, ssoIdentityId, providerSessionId };
    return account && openSession(em, account, { method: 'sso', organizationId, ...proof, userAgent, sourceAddress });
  });
  // Refused after the commit, so that a guess has used the code up.
  if (!opened) throw new Refusal('session_code_invalid');
  return opened;
}
