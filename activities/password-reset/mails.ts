import { resetToken } from '#identity';
import { databaseNow, PasswordReset, type EntityManager } from '#persistence';
import { person, type Addressees, type Concerns } from '../mail/concern.ts';

/** To the main address, whichever address was named: only that mailbox is known to be the person's. */
async function owner(em: EntityManager, resetId: string): Promise<Addressees> {
  const reset = await em.findOne(PasswordReset, { id: resetId });
  return { recipients: reset?.accountId ? [person(reset.accountId)] : [], organizationIds: [] };
}

export const passwordMails: Concerns = {
  'password.reset': {
    recipients: owner,
    async variables(em, delivery, { publicUrl, resetKey }) {
      const reset = await em.findOne(PasswordReset, { id: delivery.rowId });
      if (!reset || reset.usedAt || reset.expiresAt <= (await databaseNow(em))) return null;
      const url = `${publicUrl}/reset-password/${resetToken(resetKey, reset.id)}`;
      return { expiresAt: reset.expiresAt.toISOString(), url };
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
