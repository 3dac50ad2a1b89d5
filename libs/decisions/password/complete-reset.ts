import { normalizeAddress, Refusal } from '#contracts';
import { forgetFailedSignIns, setPassword, tokenDigest } from '#identity';
import { Account, Address, PasswordReset, type EntityManager } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { checkPassword } from './check.ts';
import { organizationsToTell } from './organizations-to-tell.ts';

/** The link was mailed to the main address, so whoever has it can read the mailbox. Another's by now, it stays theirs. */
async function proveMainAddress(em: EntityManager, { id: accountId, email }: Account, now: Date): Promise<void> {
  const address = normalizeAddress(email);
  const claim = await em.findOne(Address, { accountId, address, verifiedAt: null });
  if (!claim || (await em.count(Address, { address, verifiedAt: { $ne: null } })) > 0) return;
  claim.verifiedAt = now;
  claim.givenByOrganizationId = null;
  await em.flush();
}

/** Sets the password by the link of the mail, once; every session of the person ends, and every other link is void. */
export async function completePasswordReset(
  decision: Decision,
  { token, password }: { token: string; password: string },
): Promise<void> {
  const { em } = decision;
  const reset = await lockRow(em, PasswordReset, { tokenDigest: tokenDigest(token) });
  const now = await decision.now();
  const account =
    reset?.accountId && !reset.usedAt && reset.expiresAt > now
      ? await em.findOne(Account, { id: reset.accountId, removedAt: null })
      : null;
  if (!reset || !account) throw new Refusal('reset_link_invalid');
  // Judged after the link: a password that will not do must not use the link up.
  await checkPassword(em, account.id, password);
  reset.usedAt = now;
  await em.nativeUpdate(
    PasswordReset,
    { accountId: account.id, usedAt: null, id: { $ne: reset.id }, expiresAt: { $gt: now } },
    { expiresAt: now },
  );
  await setPassword(em, { accountId: account.id, username: account.email, password, now });
  if (reset.address === null) await proveMainAddress(em, account, now);
  await forgetFailedSignIns(em, account);
  decision.record({
    action: 'account.password-reset',
    organizationIds: await organizationsToTell(em, account.id),
    subject: { kind: 'account', id: account.id },
    actor: { ...decision.actor, id: account.id, displayName: account.displayName },
    at: now,
  });
  await decision.nudge('passwordReset', reset.id);
}
