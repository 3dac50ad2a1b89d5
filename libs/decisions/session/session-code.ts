import { createHash } from 'node:crypto';
import { newToken, openSession, sameSecret, tokenDigest, type OpenedSession } from '#identity';
import { Account, asSystem, databaseNow, SessionCode, type Database, type EntityManager } from '#persistence';
import { Refusal } from '#contracts';

const validMilliseconds = 60_000;

/** After a single sign-on in a browser: a code that the client which began it exchanges for a session. */
export async function issueSessionCode(
  em: EntityManager,
  { accountId, organizationId, codeChallenge }: { accountId: string; organizationId: string; codeChallenge: string },
): Promise<{ code: string; expiresAt: Date }> {
  const code = newToken('cs_code');
  const expiresAt = new Date((await databaseNow(em)).getTime() + validMilliseconds);
  await em.nativeDelete(SessionCode, { expiresAt: { $lt: await databaseNow(em) } });
  em.create(SessionCode, { codeDigest: tokenDigest(code), accountId, organizationId, codeChallenge, expiresAt });
  await em.flush();
  return { code, expiresAt };
}

/** Uses the code up, whoever sends it: only the client with the verifier gets a session for it, once (RFC 7636). */
export async function exchangeSessionCode(
  database: Database,
  { code, codeVerifier, userAgent }: { code: string; codeVerifier: string; userAgent: string | null },
): Promise<OpenedSession> {
  const opened = await database.transaction(asSystem, async (em) => {
    const [used] = await em.execute<
      { accountId: string; organizationId: string; codeChallenge: string; live: boolean }[]
    >(
      `delete from session_code where code_digest = ?
       returning account_id as "accountId", organization_id as "organizationId", code_challenge as "codeChallenge",
                 expires_at > clock_timestamp() as live`,
      [tokenDigest(code)],
    );
    const challenge = createHash('sha256').update(codeVerifier).digest('base64url');
    if (!used?.live || !sameSecret(challenge, used.codeChallenge)) return null;
    const account = await em.findOne(Account, { id: used.accountId, removedAt: null });
    return account && openSession(em, account, { method: 'sso', organizationId: used.organizationId, userAgent });
  });
  // Refused after the commit, so that a guess has used the code up.
  if (!opened) throw new Refusal('session_code_invalid');
  return opened;
}
