import { normalizeAddress } from '#contracts';
import { Address } from '#persistence';
import type { Decision } from '../decision.ts';
import { refuseAct } from '../refuse-act.ts';
import { actOn, memberForAliases } from './find.ts';

/**
 * Gives a member a further address. It resolves invites and signs in with the password from now on; it proves nothing
 * to an identity provider's claim until its mailbox was proven. An address is used once, by whomever.
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
  if (!ruling.allowed) return refuseAct(actOn('added', organizationId, memberId), ruling.code);
  const alias = em.create(Address, {
    address: normalizeAddress(input.address),
    accountId: membership.accountId,
    kind: 'alias',
    givenByOrganizationId: organizationId,
    createdAt: now,
  });
  // Whoever has the address already: the unique key answers `address_taken`, the same to everybody.
  await em.flush();
  decision.record({
    ...actOn('added', organizationId, memberId),
    by: ruling.by,
    facts: { accountId: membership.accountId },
    personal: { names: { [memberId]: alias.address } },
    at: now,
  });
  return alias;
}
