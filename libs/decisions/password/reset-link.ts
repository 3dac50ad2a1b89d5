import { tokenDigest } from '#identity';
import { databaseNow, PasswordReset, type EntityManager } from '#persistence';

/** Whether the link of a mail still sets a password; looking uses nothing up. */
export async function isResetLinkOpen(em: EntityManager, token: string): Promise<boolean> {
  const expiresAt = { $gt: await databaseNow(em) };
  const open = await em.findOne(PasswordReset, { tokenDigest: tokenDigest(token), usedAt: null, expiresAt });
  return open?.accountId !== undefined && open.accountId !== null;
}
