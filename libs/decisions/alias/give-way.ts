import { Address, Membership } from '#persistence';
import { theClock, type Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';

/**
 * Somebody has proven the mailbox behind an address that the organization said was somebody else's: the address is
 * theirs there, too, and the organization's word goes. What other organizations say of it is theirs, and tells them
 * nothing.
 */
export async function giveWayToOwner(
  decision: Decision,
  address: string,
  ownerId: string,
  organizationId: string,
  now: Date,
): Promise<void> {
  const { em } = decision;
  const claim = await lockRow(em, Address, {
    address,
    givenByOrganizationId: organizationId,
    verifiedAt: null,
    accountId: { $ne: ownerId },
  });
  if (!claim) return;
  const { accountId } = claim;
  em.remove(claim);
  await em.flush();
  const membership = await em.findOne(Membership, { organizationId, accountId, removedAt: null });
  const subject = membership ? { kind: 'membership', id: membership.id } : { kind: 'account', id: accountId };
  decision.record({
    action: 'alias.removed',
    actor: theClock(),
    organizationIds: [organizationId],
    subject,
    facts: { accountId, cause: 'address_proven_by_another' },
    personal: { names: { [subject.id]: address } },
    at: now,
  });
}
