import { normalizeAddress, Refusal } from '#contracts';
import { Address, inSystemRole, PasswordReset } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { unconditionally, type Precondition } from '../precondition.ts';
import { refuseAct } from '../refuse-act.ts';
import { actOnAlias, memberForAliases } from './member-for-aliases.ts';
import { viewAlias } from './list.ts';

/** Takes an alias away that this organization gave; the main address and what others gave stay. */
export async function removeAlias(
  decision: Decision,
  organizationId: string,
  memberId: string,
  address: string,
  precondition: Precondition = unconditionally,
): Promise<void> {
  const { em, actor } = decision;
  const now = await decision.now();
  const { membership, ruling } = await memberForAliases(em, actor, organizationId, memberId, 'removed', now);
  if (!ruling.allowed) return refuseAct(actOnAlias('removed', organizationId, memberId), ruling.code);
  const alias = await lockRow(em, Address, {
    address: normalizeAddress(address),
    accountId: membership.accountId,
    kind: 'alias',
    givenByOrganizationId: organizationId,
  });
  if (!alias) throw new Refusal('not_found');
  await precondition(async () => viewAlias(alias));
  em.remove(alias);
  await em.flush();
  await inSystemRole(em, () =>
    em.nativeUpdate(PasswordReset, { accountId: membership.accountId, usedAt: null }, { expiresAt: now }),
  );
  decision.record({
    ...actOnAlias('removed', organizationId, memberId),
    by: ruling.by,
    facts: { accountId: membership.accountId },
    personal: { names: { [memberId]: alias.address } },
    at: now,
  });
}
