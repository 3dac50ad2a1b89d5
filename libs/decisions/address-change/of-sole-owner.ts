import { Refusal } from '#contracts';
import { LockMode } from '@mikro-orm/postgresql';
import { Account, AddressChange, Membership, PasswordReset, Session } from '#persistence';
import { organizationsThatKnow } from '../account/require-own-account.ts';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { takeAddress } from './take-address.ts';

/** How long the link to the new mailbox works: whoever waits for it has nothing else. */
const linkMilliseconds = 24 * 3600_000;

/**
 * A sole Owner has lost the mailbox, and nobody in the organization can mend it. The new address is support's word until
 * the mail to it is answered: by its link the person sets a password, which proves it. What the former mailbox could
 * still do ends, and it is told.
 */
export async function changeAddressOfSoleOwner(
  decision: Decision,
  organizationId: string,
  memberId: string,
  email: string,
): Promise<void> {
  const { em } = decision;
  const owners = await em.find(
    Membership,
    { organizationId, kind: 'home', removedAt: null, workspaceRole: 'owner' },
    { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' }, refresh: true },
  );
  const owner = owners.find(({ id }) => id === memberId);
  const account = owner && (await lockRow(em, Account, { id: owner.accountId, removedAt: null }));
  if (!owner || !account) throw new Refusal('not_found');
  if (owners.length > 1) throw new Refusal('not_sole_owner');
  const now = await decision.now();
  const former = account.email;
  await takeAddress(em, account, { email, verifiedAt: null, givenByOrganizationId: organizationId }, now);
  await em.nativeUpdate(Session, { accountId: account.id, revokedAt: null }, { revokedAt: now });
  const change = em.create(AddressChange, {
    accountId: account.id,
    newAddress: email,
    doneAt: now,
    expiresAt: now,
    createdAt: now,
  });
  const reset = em.create(PasswordReset, {
    accountId: account.id,
    expiresAt: new Date(now.getTime() + linkMilliseconds),
    createdAt: now,
  });
  await em.flush();
  const event = decision.record({
    action: 'account.address-changed',
    by: 'support',
    organizationIds: await organizationsThatKnow(em, account.id),
    subject: { kind: 'account', id: account.id },
    facts: { addressChangeId: change.id },
    personal: { names: { [change.id]: former } },
    at: now,
  });
  await em.flush();
  await decision.nudge('membershipNotice', event.id);
  await decision.nudge('passwordReset', reset.id);
}
