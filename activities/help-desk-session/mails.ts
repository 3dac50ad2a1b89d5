import { helpDeskSessionFlow } from '#decisions';
import { Account, Grant, HelpDeskSession, Organization, type EntityManager } from '#persistence';
import type { Dependencies } from '../dependencies.ts';
import type { Concerns } from '../mail/concern.ts';
import { recipientsOf } from '../mail/recipients.ts';

/** Everything a session's mails may say, read when they go out. */
async function tellStory(em: EntityManager, sessionId: string, { publicUrl }: Dependencies) {
  const session = await em.findOneOrFail(HelpDeskSession, { id: sessionId });
  const grant = await em.findOneOrFail(Grant, { sourceId: sessionId });
  const person = await em.findOneOrFail(Account, { id: session.accountId });
  const partner = await em.findOneOrFail(Organization, { id: session.partnerId });
  const customer = await em.findOneOrFail(Organization, { id: session.customerId });
  return {
    session,
    grant,
    holder: person,
    names: { holderName: person.displayName, partnerName: partner.name, customerName: customer.name },
    url: `${publicUrl}/help-desk-sessions/${session.id}`,
  };
}

const { requester: holder, decidingSide, to } = recipientsOf(helpDeskSessionFlow);

const endings = ['expired', 'revoked', 'returned', 'ended'] as const;

/** Who is told about a help-desk session, and what. */
export const helpDeskSessionMails: Concerns = {
  'help-desk-session.opened': {
    recipients: to(decidingSide),
    async variables(em, delivery, dependencies) {
      const { session, grant, holder: person, names, url } = await tellStory(em, delivery.rowId, dependencies);
      return {
        ...names,
        holderAddress: person.email,
        reason: session.reason,
        expiresAt: grant.expiresAt.toISOString(),
        url,
      };
    },
  },
  'help-desk-session.ended': {
    recipients: to(holder, decidingSide),
    async variables(em, delivery, dependencies) {
      const { grant, names, url } = await tellStory(em, delivery.rowId, dependencies);
      const how = endings.find((ending) => ending === grant.status);
      if (!how) return null;
      const endedBy = grant.endedById ? await em.findOne(Account, { id: grant.endedById }) : null;
      return {
        ...names,
        how,
        endedByName: endedBy?.displayName ?? null,
        reason: how === 'revoked' ? (grant.endReason ?? null) : null,
        endedAt: (grant.endedAt ?? grant.expiresAt).toISOString(),
        url,
      };
    },
  },
};
