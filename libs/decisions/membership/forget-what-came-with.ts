import { Address, inSystemRole, Membership, PasswordReset, Session, SsoIdentity } from '#persistence';
import type { Decision } from '../decision.ts';

/**
 * With a membership go the addresses that came by it, what the organization's provider knows the person by, and the
 * sessions it opened: whoever gets the address next is not answered in the name of whoever had it before.
 */
export async function forgetWhatCameWith(
  { em }: Decision,
  { organizationId, accountId }: Pick<Membership, 'organizationId' | 'accountId'>,
  now: Date,
): Promise<void> {
  await inSystemRole(em, async () => {
    const gone = await em.nativeDelete(Address, { accountId, givenByOrganizationId: organizationId });
    if (gone > 0) await em.nativeUpdate(PasswordReset, { accountId, usedAt: null }, { expiresAt: now });
    await em.nativeDelete(SsoIdentity, { accountId, organizationId });
    await em.nativeUpdate(Session, { accountId, organizationId, revokedAt: null }, { revokedAt: now });
  });
}
