import { ownersAndFullAdministratorsOf } from '#decisions';
import { ApiKey, AuditEvent, Invite, Webhook, type EntityManager } from '#persistence';
import { person, type Addressees, type Concerns } from '../mail/concern.ts';
import { tell } from './mails.ts';

/** Receivers of an organization's events, in words. */
const receivers: Readonly<Record<string, string>> = {
  webhook: 'webhook',
  channel: 'channel',
  'signal-stream': 'stream of signals',
};

/** What ended, in words, and the person it answered to. */
async function whatEnded(em: EntityManager, { subject }: AuditEvent): Promise<{ what: string; owner: string | null }> {
  const { kind, id } = subject;
  if (kind === 'api-key') {
    const key = await em.findOneOrFail(ApiKey, { id });
    return { what: `The API key ${key.name}`, owner: key.responsibleId };
  }
  const receiver = receivers[kind];
  if (receiver) {
    const webhook = await em.findOne(Webhook, { id });
    const where = webhook && URL.canParse(webhook.url) ? ` to ${new URL(webhook.url).host}` : '';
    return { what: `The ${receiver}${where}`, owner: webhook?.vouchedByAccountId ?? null };
  }
  const invite = await em.findOneOrFail(Invite, { id });
  const key = invite.invitedById && (await em.findOne(ApiKey, { id: invite.invitedById }));
  return { what: `The invite for ${invite.email}`, owner: key ? key.responsibleId : (invite.invitedById ?? null) };
}

/** The person it answered to, and whoever answers for the organization; not the one who has just ended it. */
async function thoseConcerned(em: EntityManager, eventId: string): Promise<Addressees> {
  const event = await em.findOneOrFail(AuditEvent, { id: eventId });
  const { organizationIds, actor } = event;
  const { owner } = await whatEnded(em, event);
  const people = new Set([...(owner ? [owner] : []), ...(await ownersAndFullAdministratorsOf(em, organizationIds))]);
  return { recipients: [...people].filter((id) => id !== actor.id).map(person), organizationIds };
}

const reasons: Readonly<Record<string, string>> = {
  relationship_ended: 'the relationship that it came by has ended',
  role_lost: 'the person it answered to lost the role it stood on',
  membership_removed: 'the person it answered to is no member any more',
  account_removed: 'the account of the person it answered to was removed',
  assignment_lost: 'the organization was taken from the person it answered to',
};

export const connectionMails: Concerns = {
  'organization.connection-ended': {
    recipients: thoseConcerned,
    async variables(em, delivery, { publicUrl }) {
      const { event, organization } = await tell(em, delivery.rowId);
      const { what } = await whatEnded(em, event);
      return {
        organizationName: organization.name,
        what,
        because: reasons[String(event.facts['cause'])] ?? 'the right it stood on is gone',
        endedAt: event.at.toISOString(),
        url: `${publicUrl}/`,
      };
    },
  },
};
