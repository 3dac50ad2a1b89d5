import { normalizeAddress, Refusal } from '#contracts';
import { addressToken, tokenDigest, type Principal } from '#identity';
import { Account, AddressChange } from '#persistence';
import { organizationsThatKnow, requireOwnAccount } from '../account/require-own-account.ts';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';

/** How long the links of both mails work. */
const openMilliseconds = 24 * 3600_000;

/**
 * A person wishes for another main address. Both mailboxes are written to, and nothing changes before the person has
 * opened both links. Whose the new address is, is not looked at: the answer tells nothing.
 */
export async function requestAddressChange(
  decision: Decision,
  person: Principal & { kind: 'account' },
  email: string,
): Promise<AddressChange> {
  const { em, settings } = decision;
  await requireOwnAccount(em, person);
  const account = await lockRow(em, Account, { id: person.accountId });
  if (!account) throw new Error('A session outlived its account');
  if (normalizeAddress(email) === normalizeAddress(account.email))
    throw new Refusal('invalid_request', { errors: [{ pointer: '/email', message: 'This is your address already' }] });
  const now = await decision.now();
  await em.nativeUpdate(
    AddressChange,
    { accountId: account.id, doneAt: null, expiresAt: { $gt: now } },
    { expiresAt: now },
  );
  const change = em.create(AddressChange, {
    accountId: account.id,
    newAddress: email,
    expiresAt: new Date(now.getTime() + openMilliseconds),
    createdAt: now,
  });
  change.oldTokenDigest = tokenDigest(addressToken(settings.inviteKeys, change.id, 'old'));
  change.newTokenDigest = tokenDigest(addressToken(settings.inviteKeys, change.id, 'new'));
  await em.flush();
  const event = decision.record({
    action: 'account.address-change-requested',
    organizationIds: await organizationsThatKnow(em, account.id),
    subject: { kind: 'account', id: account.id },
    facts: { addressChangeId: change.id, expiresAt: change.expiresAt },
    at: now,
  });
  await em.flush();
  await decision.nudge('membershipNotice', event.id);
  return change;
}
