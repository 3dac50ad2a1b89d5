import type { Keys } from '#config';
import { mayUsePassword, resetToken, tokenDigest } from '#identity';
import { Account, Address, PasswordReset, type EntityManager } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { claimsOfAddress, saysAnything } from './claims-of-address.ts';

/**
 * Finds out whose address was named, and forgets the address where the mail goes to the person's main one. Nobody's: the
 * wish is deleted, and no mail goes out. That of somebody who signs in by single sign-on only, or that nobody has proven,
 * gets no link, and a mail that says how to come in. Harmless to repeat.
 */
export async function preparePasswordReset(
  decision: Decision,
  resetId: string,
  resetKeys: Keys,
): Promise<PasswordReset | null> {
  const { em } = decision;
  const reset = await lockRow(em, PasswordReset, { id: resetId });
  if (!reset || reset.tokenDigest || reset.usedAt) return reset;
  const found = await whomItHelps(em, reset, await decision.now());
  if (!found) {
    em.remove(reset);
    await em.flush();
    return null;
  }
  reset.accountId = found.account?.id ?? null;
  if (found.byMainAddress) reset.address = null;
  if (found.account && (await mayUsePassword(em, found.account.id)))
    reset.tokenDigest = tokenDigest(resetToken(resetKeys, reset.id));
  await em.flush();
  return reset;
}

/** Support has named the person, whose mailbox is proven only by this mail; anybody else has named an address. */
async function whomItHelps(em: EntityManager, { accountId, address }: PasswordReset, now: Date) {
  const present = (id: string) => em.findOne(Account, { id, removedAt: null });
  if (accountId && !address) {
    const account = await present(accountId);
    return account && { account, byMainAddress: true };
  }
  const named = address ?? '';
  const proven = await em.findOne(Address, { address: named, verifiedAt: { $ne: null } });
  if (proven) {
    const account = await present(proven.accountId);
    // The main address may be no more than a tenant's word; then the mail stays with the mailbox that was proven.
    const mainIsProven = proven.kind === 'primary' || (await hasProvenMainAddress(em, proven.accountId));
    return account && { account, byMainAddress: mainIsProven };
  }
  const claims = await claimsOfAddress(em, named, now);
  if (!saysAnything(claims)) return null;
  // Whoever reads the mailbox is whom the organization means, and has no other way in.
  const account = claims.onlyAccountId === null ? null : await present(claims.onlyAccountId);
  return { account, byMainAddress: account !== null };
}

const hasProvenMainAddress = async (em: EntityManager, accountId: string) =>
  (await em.count(Address, { accountId, kind: 'primary', verifiedAt: { $ne: null } })) > 0;
