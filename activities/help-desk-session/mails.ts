import { Account, Grant, HelpDeskSession, Membership, Organization, type EntityManager } from '#persistence';
import type { Dependencies } from '../dependencies.ts';
import { person, type Addressees, type Concerns } from '../mail/concern.ts';

/** Everything a session's mails may say, read when they go out. */
async function tellStory(em: EntityManager, sessionId: string, { publicUrl }: Dependencies) {
  const session = await em.findOneOrFail(HelpDeskSession, { id: sessionId });
  const grant = await em.findOneOrFail(Grant, { sourceId: sessionId });
  const agent = await em.findOneOrFail(Account, { id: session.accountId });
  const partner = await em.findOneOrFail(Organization, { id: session.partnerId });
  const customer = await em.findOneOrFail(Organization, { id: session.customerId });
  return {
    session,
    grant,
    agent,
    names: { agentName: agent.displayName, partnerName: partner.name, customerName: customer.name },
    url: `${publicUrl}/help-desk-sessions/${session.id}`,
  };
}

async function customersAdministrators(em: EntityManager, { customerId }: HelpDeskSession): Promise<string[]> {
  const members = await em.find(
    Membership,
    {
      organizationId: customerId,
      kind: 'home',
      removedAt: null,
      administratorRoles: { $contains: ['full_administrator'] },
    },
    { orderBy: { id: 'asc' } },
  );
  return members.map((member) => member.accountId);
}

const to =
  (choose: (session: HelpDeskSession, administrators: string[]) => string[]) =>
  async (em: EntityManager, sessionId: string): Promise<Addressees> => {
    const session = await em.findOneOrFail(HelpDeskSession, { id: sessionId });
    const chosen = choose(session, await customersAdministrators(em, session));
    return {
      recipients: [...new Set(chosen)].map(person),
      organizationIds: [session.customerId, session.partnerId],
    };
  };

const endings = ['expired', 'revoked', 'returned', 'ended'] as const;

/** Who is told about a help-desk session, and what. */
export const helpDeskSessionMails: Concerns = {
  'help-desk-session.opened': {
    recipients: to((_session, administrators) => administrators),
    async variables(em, delivery, dependencies) {
      const { session, grant, agent, names, url } = await tellStory(em, delivery.rowId, dependencies);
      return {
        ...names,
        agentAddress: agent.email,
        reason: session.reason,
        expiresAt: grant.expiresAt.toISOString(),
        url,
      };
    },
  },
  'help-desk-session.ended': {
    recipients: to((session, administrators) => [session.accountId, ...administrators]),
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
