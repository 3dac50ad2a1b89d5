import { normalizeAddress, Refusal } from '#contracts';
import { forgetFailedSignIns } from '#identity';
import { Address, Credential, PasswordReset, type Account, type EntityManager } from '#persistence';

/** Another main address in place of the one that is, which is nobody's from then on. No link mailed to it works. */
export async function takeAddress(
  em: EntityManager,
  account: Account,
  taken: { email: string; verifiedAt: Date | null; givenByOrganizationId: string | null },
  now: Date,
): Promise<void> {
  const { email, ...standing } = taken;
  const [former, next] = [normalizeAddress(account.email), normalizeAddress(email)];
  await forgetFailedSignIns(em, account);
  // Whoever has proven it keeps it; only the owner of the mailbox is told.
  const proven = await em.findOne(Address, { address: next, verifiedAt: { $ne: null } });
  if (proven && proven.accountId !== account.id) throw new Refusal('address_taken');
  await em.nativeDelete(Address, { accountId: account.id, address: { $in: [former, next] } });
  em.create(Address, { ...standing, address: next, accountId: account.id, kind: 'primary', createdAt: now });
  account.email = email;
  // A user name that is the former address would shadow whoever has it next.
  await em.nativeUpdate(Credential, { accountId: account.id, username: former }, { username: next });
  await em.nativeUpdate(
    PasswordReset,
    { accountId: account.id, usedAt: null, expiresAt: { $gt: now } },
    { expiresAt: now },
  );
  await em.flush();
}
