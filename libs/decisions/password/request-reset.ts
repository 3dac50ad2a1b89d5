import { normalizeAddress } from '#contracts';
import { PasswordReset } from '#persistence';
import type { Decision } from '../decision.ts';

/** How long the link of the mail works. */
export const resetMilliseconds = 3600_000;

/** Writes the wish down and looks nobody up, so that answer and time are the same whoever the address belongs to. */
export async function requestPasswordReset(decision: Decision, email: string): Promise<void> {
  const { em } = decision;
  const now = await decision.now();
  const reset = em.create(PasswordReset, {
    address: normalizeAddress(email),
    expiresAt: new Date(now.getTime() + resetMilliseconds),
    createdAt: now,
  });
  await em.flush();
  await decision.nudge('passwordReset', reset.id);
}
