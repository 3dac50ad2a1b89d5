import { normalizeAddress } from '#contracts';
import { Address, type Account } from '#persistence';
import type { Decision } from '../decision.ts';
import { giveWayToOwner } from './give-way.ts';

/**
 * The person has answered a mail that the organization had sent to the address: it is theirs, for everybody. The caller
 * has made sure that nobody else has proven it.
 */
export async function proveAddress(
  decision: Decision,
  email: string,
  account: Account,
  organizationId: string,
  now: Date,
): Promise<void> {
  const { em } = decision;
  const address = normalizeAddress(email);
  await giveWayToOwner(decision, address, account.id, organizationId, now);
  const own = await em.find(Address, { address, accountId: account.id });
  if (own.some(({ verifiedAt }) => verifiedAt)) return;
  const [claim, ...others] = own;
  for (const other of others) em.remove(other);
  await em.flush();
  if (claim) {
    claim.verifiedAt = now;
    if (claim.kind === 'primary') claim.givenByOrganizationId = null;
  } else {
    const kind = normalizeAddress(account.email) === address ? 'primary' : 'alias';
    em.create(Address, {
      address,
      accountId: account.id,
      kind,
      // An alias goes with the membership it came by; the main address is the person's own.
      givenByOrganizationId: kind === 'alias' ? organizationId : null,
      verifiedAt: now,
      createdAt: now,
    });
  }
  await em.flush();
}
