import { normalizeAddress } from '#contracts';
import { Account, Address, asSystem, type Database } from '#persistence';

/**
 * Knows who has an identity already. It is asked when an invite's mails go out, so that people known to it are not
 * asked to make an account. A deployment may plug in one that asks an OpenID provider or a SCIM directory.
 */
export interface IdentityDirectory {
  /** Whether the address belongs to somebody. Throws where the directory can't be asked; the caller tries again. */
  knows(address: string): Promise<boolean>;
}

/** The default: accounts of our own, by primary address or alias. */
export function localAccounts(database: Database): IdentityDirectory {
  return {
    knows: (address) =>
      database.transaction(asSystem, async (em) => {
        const row = await em.findOne(Address, { address: normalizeAddress(address) });
        return row !== null && (await em.count(Account, { id: row.accountId, removedAt: null })) > 0;
      }),
  };
}
