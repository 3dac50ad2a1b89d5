import { Refusal } from '#contracts';
import { Account, Credential, Membership, Organization, PasswordReset } from '#persistence';
import type { Decision } from '../decision.ts';
import { ownerOf } from '../invite/open.ts';
import { lockRow } from '../lock.ts';
import { changeAuthentication } from './change-authentication.ts';

/** How long the link of the mail works: whoever waits for it has nothing else. */
const linkMilliseconds = 24 * 3600_000;

/**
 * Nobody of an organization can come in any more: its provider is dead, say, and passwords were off. They are on again,
 * and each person sets one by the mail to their own address; the provider stays unless it is to go. Whoever could decide
 * is mailed, as with any such change.
 */
export async function recoverSignIn(
  decision: Decision,
  organizationId: string,
  { by, removeProvider }: { by: 'support' | 'recovery_code'; removeProvider: boolean },
): Promise<void> {
  const { em } = decision;
  const organization = await lockRow(em, Organization, { id: organizationId });
  if (!organization) throw new Refusal('not_found');
  const now = await decision.now();
  const act = {
    action: 'organization.changed',
    organizationIds: [organizationId],
    subject: { kind: 'organization', id: organizationId },
  };
  const loginMethods: Organization['loginMethods'] = removeProvider
    ? ['password']
    : [...new Set([...organization.loginMethods, 'password' as const])];
  await changeAuthentication(decision, organization, { loginMethods, ...(removeProvider && { sso: null }) }, now, act);
  const event = decision.record({
    ...act,
    by,
    facts: {
      fields: ['loginMethods', ...(removeProvider ? ['sso'] : [])],
      loginMethods: organization.loginMethods,
      issuer: organization.sso?.issuer ?? null,
      domains: organization.domains,
    },
    at: now,
  });
  await em.flush();
  await decision.nudge('membershipNotice', event.id);
  await sendOwnersFirstPassword(decision, organizationId, now);
}

/**
 * Owners whom only the provider has ever let in have no password, and often an address that nobody but it has vouched
 * for: the mail to it is what proves it. One that somebody else has proven is theirs, and is mended by support.
 */
async function sendOwnersFirstPassword(decision: Decision, organizationId: string, now: Date): Promise<void> {
  const { em } = decision;
  const owners = await em.find(Membership, { organizationId, kind: 'home', workspaceRole: 'owner', removedAt: null });
  const accounts = await em.find(Account, { id: { $in: owners.map((row) => row.accountId) }, removedAt: null });
  for (const account of accounts) {
    if (await em.findOne(Credential, { accountId: account.id })) continue;
    const proven = await ownerOf(em, account.email);
    if (proven && proven.id !== account.id) continue;
    const reset = em.create(PasswordReset, {
      accountId: account.id,
      expiresAt: new Date(now.getTime() + linkMilliseconds),
      createdAt: now,
    });
    await em.flush();
    await decision.nudge('passwordReset', reset.id);
  }
}
