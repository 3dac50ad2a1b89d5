import { normalizeAddress, Refusal } from '#contracts';
import { Address, inSystemRole, Membership, PasswordReset } from '#persistence';
import type { Decision } from '../decision.ts';
import { refuseAct } from '../refuse-act.ts';
import { actOnAlias, memberForAliases } from './member-for-aliases.ts';

/**
 * Gives a member a further address, by the organization's word: it is theirs here, for invites and for what the identity
 * provider says. It signs in with the password once a mail to it was answered. Giving it to another member frees it.
 * Who has the address elsewhere is not told.
 */
export async function addAlias(
  decision: Decision,
  organizationId: string,
  memberId: string,
  input: { address: string },
): Promise<Address> {
  const { em, actor } = decision;
  const now = await decision.now();
  const { membership, ruling } = await memberForAliases(em, actor, organizationId, memberId, 'added', now);
  if (!ruling.allowed) return refuseAct(actOnAlias('added', organizationId, memberId), ruling.code);
  const address = normalizeAddress(input.address);
  await takeFromFormerMember(decision, organizationId, memberId, address, membership.accountId, now);
  const alias = em.create(Address, {
    address,
    accountId: membership.accountId,
    kind: 'alias',
    givenByOrganizationId: organizationId,
    createdAt: now,
  });
  await em.flush();
  decision.record({
    ...actOnAlias('added', organizationId, memberId),
    by: ruling.by,
    facts: { accountId: membership.accountId },
    personal: { names: { [memberId]: alias.address } },
    at: now,
  });
  return alias;
}

/** Of members only: what an address is to anybody else is not looked at. A link that was mailed to it works no more. */
async function takeFromFormerMember(
  decision: Decision,
  organizationId: string,
  memberId: string,
  address: string,
  accountId: string,
  now: Date,
): Promise<void> {
  const { em } = decision;
  for (const row of await em.find(Address, { address })) {
    const member = await em.findOne(Membership, { organizationId, accountId: row.accountId, removedAt: null });
    if (!member) continue;
    const isGivenHere = row.kind === 'alias' && row.givenByOrganizationId === organizationId;
    // A main address, or what another organization gave, is a member's own.
    if (row.accountId === accountId || !isGivenHere) throw new Refusal('address_taken');
    em.remove(row);
    await em.flush();
    await inSystemRole(em, () =>
      em.nativeUpdate(PasswordReset, { accountId: row.accountId, usedAt: null }, { expiresAt: now }),
    );
    decision.record({
      ...actOnAlias('removed', organizationId, member.id),
      facts: { accountId: row.accountId, cause: 'given_to_another_member', memberId },
      personal: { names: { [member.id]: address } },
      at: now,
    });
  }
}
