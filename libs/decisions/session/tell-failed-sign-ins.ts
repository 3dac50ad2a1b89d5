import { record } from '#audit';
import { sessionOpens } from '#identity';
import { Account, Address, asSystem, Credential, Membership, Organization, type Database } from '#persistence';
import type { EntityManager } from '#persistence';

interface Failure {
  login: string;
  method: string;
  sourceAddress: string | null;
  at: Date | string;
}

/**
 * Tells of sign-ins in vain on the trail of each organization that the right password would have opened, and forgets
 * them; of names that are nobody's nothing is left. How many there were.
 */
export async function tellFailedSignIns(database: Database, { batchSize = 200 } = {}): Promise<number> {
  return database.transaction(asSystem, async (em) => {
    const failures = await em.execute<Failure[]>(
      `delete from failed_sign_in where id in (
         select id from failed_sign_in order by id limit ? for update skip locked)
       returning login, method, source_address as "sourceAddress", at`,
      [batchSize],
    );
    for (const failure of failures) await tell(em, failure);
    await em.flush();
    return failures.length;
  });
}

async function tell(em: EntityManager, { login, method, sourceAddress, at }: Failure): Promise<void> {
  const named =
    (await em.findOne(Address, { address: login, verifiedAt: { $ne: null } })) ??
    (await em.findOne(Credential, { username: login }));
  const account = named && (await em.findOne(Account, { id: named.accountId, removedAt: null }));
  if (!account) return;
  const memberships = await em.find(Membership, { accountId: account.id, removedAt: null });
  const organizations = await em.find(Organization, { id: { $in: memberships.map((row) => row.organizationId) } });
  for (const organization of organizations) {
    if (!sessionOpens({ method: 'password', organizationId: null }, organization)) continue;
    record(em, {
      action: 'session.opened',
      // Who tried is not known; whose name it was is.
      actor: { kind: 'account', id: null },
      organizationIds: [organization.id],
      subject: { kind: 'account', id: account.id },
      outcome: 'refused',
      facts: { code: 'wrong_credentials', method },
      personal: { names: { [account.id]: account.displayName }, ...(sourceAddress && { sourceAddress }) },
      at: new Date(at),
    });
  }
}
