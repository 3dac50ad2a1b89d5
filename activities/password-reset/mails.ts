import { resetToken } from '#identity';
import { databaseNow, Membership, Organization, PasswordReset, type EntityManager } from '#persistence';
import { person, type Addressees, type Concerns } from '../mail/concern.ts';

/** To the main address, whichever address was named: only that mailbox is known to be the person's. */
async function owner(em: EntityManager, resetId: string): Promise<Addressees> {
  const reset = await em.findOne(PasswordReset, { id: resetId });
  return { recipients: reset?.accountId ? [person(reset.accountId)] : [], organizationIds: [] };
}

/** Where somebody signs in who has no password: at whichever of their organizations has a provider. */
async function bySingleSignOn(em: EntityManager, accountId: string, publicUrl: string) {
  const memberships = await em.find(Membership, { accountId, removedAt: null });
  const id = { $in: memberships.map(({ organizationId }) => organizationId) };
  const found = await em.find(Organization, { id, loginMethods: { $contains: ['sso'] } }, { orderBy: { name: 'asc' } });
  const [only, ...others] = found;
  const query = only && others.length === 0 ? `?organization=${only.slug}` : '';
  return { organizations: found.map(({ name }) => name).join('; '), url: `${publicUrl}/sign-in${query}` };
}

export const passwordMails: Concerns = {
  'password.reset': {
    recipients: owner,
    async variables(em, delivery, { publicUrl, resetKeys }) {
      const reset = await em.findOne(PasswordReset, { id: delivery.rowId });
      if (!reset || reset.usedAt || reset.expiresAt <= (await databaseNow(em))) return null;
      const expiresAt = reset.expiresAt.toISOString();
      if (!reset.tokenDigest) return { expiresAt, ...(await bySingleSignOn(em, reset.accountId ?? '', publicUrl)) };
      return {
        expiresAt,
        organizations: null,
        url: `${publicUrl}/reset-password/${resetToken(resetKeys, reset.id, reset.tokenDigest)}`,
      };
    },
  },
  'password.changed': {
    recipients: owner,
    async variables(em, delivery, { publicUrl }) {
      const reset = await em.findOne(PasswordReset, { id: delivery.rowId });
      return reset?.usedAt ? { changedAt: reset.usedAt.toISOString(), url: `${publicUrl}/reset-password` } : null;
    },
  },
};
