import type { Keys } from '#config';
import { mayUsePassword, resetToken, tokenDigest } from '#identity';
import { Account, Address, PasswordReset } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';

/**
 * Finds out whose address was named, and forgets the address. Nobody's: the wish is deleted, and no mail goes out. That
 * of somebody who signs in by single sign-on only gets no link, and a mail that says where to sign in. Harmless to repeat.
 */
export async function preparePasswordReset(
  { em }: Decision,
  resetId: string,
  resetKeys: Keys,
): Promise<PasswordReset | null> {
  const reset = await lockRow(em, PasswordReset, { id: resetId });
  if (!reset || reset.tokenDigest || reset.usedAt) return reset;
  // Support has named the person, whose mailbox is proven only by this mail; anybody else has named an address.
  const accountId =
    reset.accountId ??
    (await em.findOne(Address, { address: reset.address ?? '', verifiedAt: { $ne: null } }))?.accountId;
  const account = accountId ? await em.findOne(Account, { id: accountId, removedAt: null }) : null;
  if (!account) {
    em.remove(reset);
    await em.flush();
    return null;
  }
  reset.address = null;
  reset.accountId = account.id;
  if (await mayUsePassword(em, account.id)) reset.tokenDigest = tokenDigest(resetToken(resetKeys, reset.id));
  await em.flush();
  return reset;
}
