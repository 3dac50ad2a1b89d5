import { addressToken } from '#identity';
import { Account, AddressChange, AuditEvent, databaseNow, type EntityManager } from '#persistence';
import { person, type Addressees, type Concerns } from '../mail/concern.ts';

/** The wish that the event recorded, and whose it is. */
async function wish(em: EntityManager, eventId: string) {
  const event = await em.findOneOrFail(AuditEvent, { id: eventId });
  const change = await em.findOneOrFail(AddressChange, { id: String(event.facts['addressChangeId']) });
  const account = await em.findOneOrFail(Account, { id: change.accountId });
  return { event, change, account };
}

/** Both mailboxes; no organization sees whether a person's own mails arrive. */
const both = (accountId: string, address: string): Addressees => ({
  recipients: [person(accountId), { accountId: null, address }],
  organizationIds: [],
});

export const addressChangeMails: Concerns = {
  'account.address-change': {
    async recipients(em, eventId) {
      const { change } = await wish(em, eventId);
      return both(change.accountId, change.newAddress);
    },
    async variables(em, delivery, { publicUrl, inviteKeys }) {
      const { change, account } = await wish(em, delivery.rowId);
      if (change.doneAt || change.expiresAt <= (await databaseNow(em))) return null;
      const side = delivery.accountId ? 'old' : 'new';
      const digest = side === 'old' ? change.oldTokenDigest : change.newTokenDigest;
      return {
        displayName: account.displayName,
        newAddress: change.newAddress,
        side,
        expiresAt: change.expiresAt.toISOString(),
        url: `${publicUrl}/account/address/${addressToken(inviteKeys, change.id, side, digest)}`,
      };
    },
  },
  'account.address-changed': {
    async recipients(em, eventId) {
      const { event, change } = await wish(em, eventId);
      const former = event.personal?.names?.[change.id];
      return former ? both(change.accountId, former) : { recipients: [person(change.accountId)], organizationIds: [] };
    },
    async variables(em, delivery, { publicUrl }) {
      const { event, change, account } = await wish(em, delivery.rowId);
      return {
        displayName: account.displayName,
        newAddress: change.newAddress,
        changedAt: event.at.toISOString(),
        url: `${publicUrl}/account`,
      };
    },
  },
};
