import { Refusal } from '#contracts';
import { Organization } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { changeAuthentication } from './change-authentication.ts';

/**
 * Nobody of an organization can come in any more: its provider is dead, say, and passwords were off. They are on again,
 * and each person sets one by the mail to their own address; the provider stays unless it is to go. Whoever could decide
 * is mailed, as with any such change.
 */
export async function recoverSignIn(
  decision: Decision,
  organizationId: string,
  { removeProvider }: { removeProvider: boolean },
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
    by: 'support',
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
}
