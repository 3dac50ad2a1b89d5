import { Refusal } from '#contracts';
import { tokenDigest } from '#identity';
import { Account, AddressChange, type EntityManager } from '#persistence';
import { organizationsThatKnow } from '../account/require-own-account.ts';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { takeAddress } from './take-address.ts';

/** What a link is for: the mailbox of the old address or that of the new one. */
export async function readAddressChange(
  em: EntityManager,
  accountId: string,
  token: string,
  now: Date,
): Promise<{ change: AddressChange; side: 'old' | 'new' }> {
  const digest = tokenDigest(token);
  const change = await em.findOne(AddressChange, {
    accountId,
    doneAt: null,
    expiresAt: { $gt: now },
    $or: [{ oldTokenDigest: digest }, { newTokenDigest: digest }],
  });
  if (!change) throw new Refusal('address_link_invalid');
  return { change, side: change.oldTokenDigest === digest ? 'old' : 'new' };
}

/**
 * The person, signed in, has opened one of the two links. With the second the address changes: it is proven, and theirs
 * alone; the former one is nobody's from then on, and no link that was mailed to it works. Confirming twice changes
 * nothing.
 */
export async function confirmAddressChange(
  decision: Decision,
  accountId: string,
  token: string,
): Promise<{ isDone: boolean }> {
  const { em } = decision;
  const account = await lockRow(em, Account, { id: accountId });
  const now = await decision.now();
  const { change, side } = await readAddressChange(em, accountId, token, now);
  if (!account) throw new Refusal('address_link_invalid');
  if (side === 'old') change.oldConfirmedAt ??= now;
  else change.newConfirmedAt ??= now;
  await em.flush();
  if (!change.oldConfirmedAt || !change.newConfirmedAt) return { isDone: false };
  const former = account.email;
  await takeAddress(em, account, { email: change.newAddress, verifiedAt: now, givenByOrganizationId: null }, now);
  change.doneAt = now;
  await em.flush();
  const event = decision.record({
    action: 'account.address-changed',
    organizationIds: await organizationsThatKnow(em, accountId),
    subject: { kind: 'account', id: accountId },
    facts: { addressChangeId: change.id },
    personal: { names: { [change.id]: former } },
    at: now,
  });
  await em.flush();
  await decision.nudge('membershipNotice', event.id);
  return { isDone: true };
}
