import { setPassword, type Principal } from '#identity';
import { PasswordReset } from '#persistence';
import type { Decision } from '../decision.ts';
import { checkPassword } from './check.ts';
import { organizationsToTell } from './organizations-to-tell.ts';

/**
 * A signed-in person, who has just proven the present password, sets a new one; their other sessions end. Written as a
 * reset that is used already, so that the same workflow sends the notice.
 */
export async function changePassword(
  decision: Decision,
  { accountId, email, sessionId }: Principal & { kind: 'account' },
  password: string,
): Promise<void> {
  const { em } = decision;
  await checkPassword(em, accountId, password);
  const now = await decision.now();
  await setPassword(em, { accountId, username: email, password, now, keepSessionId: sessionId });
  const change = em.create(PasswordReset, { accountId, expiresAt: now, usedAt: now, createdAt: now });
  await em.flush();
  decision.record({
    action: 'account.password-changed',
    organizationIds: await organizationsToTell(em, accountId),
    subject: { kind: 'account', id: accountId },
    at: now,
  });
  await decision.nudge('passwordReset', change.id);
}
