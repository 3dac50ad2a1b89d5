import { standsForPerson } from '#access';
import { normalizeAddress } from '#contracts';
import { Account, Address, asSystem, type Database } from '#persistence';

/**
 * Knows who has an identity already. It is asked when an invite's mails go out, so that people known to it are not
 * asked to make an account. A deployment may plug in one that asks an OpenID provider or a SCIM directory.
 */
export interface IdentityDirectory {
  /**
   * Whether the address stands for somebody, in the eyes of the organization that invites them. Throws where the
   * directory can't be asked; the caller tries again.
   */
  knows(address: string, organizationId: string): Promise<boolean>;
}

/** The default: accounts of our own, by primary address or by an alias that counts in the organization. */
export function localAccounts(database: Database): IdentityDirectory {
  return {
    knows: (address, organizationId) =>
      database.transaction(asSystem, async (em) => {
        const rows = await em.find(Address, { address: normalizeAddress(address) });
        const known = rows.filter((row) => standsForPerson(row, organizationId)).map(({ accountId }) => accountId);
        return (await em.count(Account, { id: { $in: known }, removedAt: null })) > 0;
      }),
  };
}
