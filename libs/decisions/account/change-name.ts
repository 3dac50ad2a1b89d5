import type { Principal } from '#identity';
import { Account } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { organizationsThatKnow, requireOwnAccount } from './require-own-account.ts';

/** A person goes by another name from now on. Every organization of theirs reads on its trail which it was before. */
export async function changeName(
  decision: Decision,
  person: Principal & { kind: 'account' },
  displayName: string,
): Promise<Account> {
  const { em } = decision;
  await requireOwnAccount(em, person);
  const account = await lockRow(em, Account, { id: person.accountId });
  if (!account) throw new Error('A session outlived its account');
  if (account.displayName === displayName) return account;
  const before = account.displayName;
  account.displayName = displayName;
  await em.flush();
  decision.record({
    action: 'account.name-changed',
    organizationIds: await organizationsThatKnow(em, account.id),
    subject: { kind: 'account', id: account.id },
    personal: { names: { [account.id]: before }, reason: `From now on: ${displayName}` },
    at: await decision.now(),
  });
  return account;
}
