import { createHash } from 'node:crypto';
import { Refusal } from '#contracts';
import type { ProviderLogout } from '#identity';
import type { Decision } from '../decision.ts';

interface EndedSession {
  sessionId: string;
  accountId: string;
}

/**
 * The organization's provider has signed a person out: the sessions that its word opened there end at once, none else.
 * Each token is obeyed once.
 */
export async function endSessionsByProvider(
  decision: Decision,
  organizationId: string,
  { issuer, subject, providerSessionId, tokenId, expiresAt }: ProviderLogout,
): Promise<void> {
  const { em } = decision;
  const now = await decision.now();
  const digest = createHash('sha256')
    .update(JSON.stringify([organizationId, issuer, tokenId]))
    .digest('base64url');
  await em.execute('delete from logout_token where expires_at < ?', [now]);
  const [first] = await em.execute<{ digest: string }[]>(
    'insert into logout_token (digest, expires_at) values (?, ?) on conflict do nothing returning digest',
    [digest, expiresAt],
  );
  if (!first) throw new Refusal('logout_token_invalid');

  const isMeant = `proof.organization_id = ? and proof.sso_identity_id = sso_identity.id and sso_identity.issuer = ?
    and (?::text is null or sso_identity.subject = ?) and (?::text is null or proof.provider_session_id = ?)`;
  const meant = [organizationId, issuer, subject, subject, providerSessionId, providerSessionId];
  const ended = await em.execute<EndedSession[]>(
    `update session as proof set revoked_at = ? from sso_identity where proof.revoked_at is null and ${isMeant}
     returning proof.id as "sessionId", proof.account_id as "accountId"`,
    [now, ...meant],
  );
  // A sign-in that is about to become a session is one, too.
  await em.execute(`delete from session_code as proof using sso_identity where ${isMeant}`, meant);
  for (const accountId of new Set(ended.map((one) => one.accountId))) {
    decision.record({
      action: 'session.ended',
      organizationIds: [organizationId],
      subject: { kind: 'account', id: accountId },
      facts: {
        accountId,
        cause: 'ended_by_provider',
        issuer,
        sessionIds: ended.filter((one) => one.accountId === accountId).map(({ sessionId }) => sessionId),
      },
      at: now,
    });
  }
}
