import { Address, Membership } from '#persistence';
import { theClock, type Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';

/**
 * Somebody has proven the mailbox behind an alias that nobody had proven: the address is theirs, and the alias goes.
 * The organization that gave it sees on its trail that it did, and not who came instead.
 */
export async function giveWayToOwner(decision: Decision, address: string, now: Date): Promise<void> {
  const { em } = decision;
  const alias = await lockRow(em, Address, { address, kind: 'alias', verifiedAt: null });
  if (!alias) return;
  const { accountId, givenByOrganizationId: organizationId } = alias;
  em.remove(alias);
  await em.flush();
  if (!organizationId) return;
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
