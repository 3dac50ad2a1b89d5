import { mayUsePassword, resetToken, tokenDigest } from '#identity';
import { Account, Address, PasswordReset } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';

/**
 * Finds out whose address was named, and forgets the address. Nobody's, or that of somebody who signs in by single
 * sign-on only: the wish is deleted, and no mail goes out. Harmless to repeat.
 */
export async function preparePasswordReset(
  { em }: Decision,
  resetId: string,
  resetKey: Buffer,
): Promise<PasswordReset | null> {
  const reset = await lockRow(em, PasswordReset, { id: resetId });
  if (!reset || reset.accountId) return reset;
  const address = await em.findOne(Address, { address: reset.address ?? '', verifiedAt: { $ne: null } });
  const account = address && (await em.findOne(Account, { id: address.accountId, removedAt: null }));
  if (!account || !(await mayUsePassword(em, account.id))) {
    em.remove(reset);
    await em.flush();
    return null;
  }
  reset.address = null;
  reset.accountId = account.id;
  reset.tokenDigest = tokenDigest(resetToken(resetKey, reset.id));
  await em.flush();
  return reset;
}
