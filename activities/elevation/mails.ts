import { settingLabels, settingsOpenedByElevation } from '#access';
import { eligibleApprovers, partiesOf } from '#decisions';
import {
  Account,
  databaseNow,
  Elevation,
  Grant,
  MailDelivery,
  Membership,
  Organization,
  type EntityManager,
} from '#persistence';
import type { Dependencies } from '../dependencies.ts';
import { person, type Addressees, type Concerns } from '../mail/concern.ts';

/** Everything an elevation's mails may say, read when they go out. */
interface Story {
  elevation: Elevation;
  grant: Grant | null;
  agent: Account;
  customer: Organization;
  partner: Organization;
  nameOf(accountId: string | null | undefined): string | null;
}

async function tellStory(em: EntityManager, elevationId: string): Promise<Story> {
  const elevation = await em.findOneOrFail(Elevation, { id: elevationId });
  const grant = await em.findOne(Grant, { sourceId: elevationId });
  const involved = [elevation.requesterId, elevation.decidedById, grant?.endedById].filter(
    (id) => typeof id === 'string',
  );
  const people = await em.find(Account, { id: { $in: involved } });
  return {
    elevation,
    grant,
    agent: await em.findOneOrFail(Account, { id: elevation.requesterId }),
    customer: await em.findOneOrFail(Organization, { id: elevation.customerId }),
    partner: await em.findOneOrFail(Organization, { id: elevation.partnerId }),
    nameOf: (accountId) => people.find((one) => one.id === accountId)?.displayName ?? null,
  };
}

async function approversNow(em: EntityManager, elevation: Elevation): Promise<string[]> {
  return (await eligibleApprovers(em, partiesOf(elevation), await databaseNow(em))).map((approver) => approver.id);
}

/** The approvers who were asked: whoever got that mail is told how it went on. */
async function approversAsked(em: EntityManager, elevation: Elevation): Promise<string[]> {
  const asked = await em.find(MailDelivery, {
    rowId: elevation.id,
    kind: { $in: ['elevation.requested', 'elevation.reminder'] },
  });
  return asked.flatMap((delivery) => (delivery.accountId ? [delivery.accountId] : []));
}

async function fullAdministrators(em: EntityManager, organizationId: string): Promise<string[]> {
  const members = await em.find(Membership, {
    organizationId,
    kind: 'home',
    removedAt: null,
    administratorRoles: { $contains: ['full_administrator'] },
  });
  return members.map((member) => member.accountId);
}

type Choice = (em: EntityManager, elevation: Elevation) => Promise<string[]>;

const to =
  (...choices: Choice[]) =>
  async (em: EntityManager, elevationId: string): Promise<Addressees> => {
    const elevation = await em.findOneOrFail(Elevation, { id: elevationId });
    const chosen: string[] = [];
    for (const choose of choices) chosen.push(...(await choose(em, elevation)));
    return {
      recipients: [...new Set(chosen)].map(person),
      organizationIds: [elevation.customerId, elevation.partnerId],
    };
  };

const agent: Choice = async (_em, elevation) => [elevation.requesterId];
/** The agent, unless it was the agent who withdrew: a lost right takes the request back without their doing. */
const agentUnlessCanceller: Choice = async (_em, elevation) =>
  elevation.decidedById === elevation.requesterId ? [] : [elevation.requesterId];
const othersAsked: Choice = async (em, elevation) =>
  (await approversAsked(em, elevation)).filter((accountId) => accountId !== elevation.decidedById);
const customersAdministrators: Choice = (em, elevation) => fullAdministrators(em, elevation.customerId);
const partnersAdministrators: Choice = (em, elevation) => fullAdministrators(em, elevation.partnerId);

const page = ({ elevation }: Story, { publicUrl }: Dependencies) => `${publicUrl}/elevations/${elevation.id}`;
const names = ({ agent: { displayName }, partner, customer }: Story) => ({
  agentName: displayName,
  partnerName: partner.name,
  customerName: customer.name,
});
const settings = settingsOpenedByElevation()
  .map((area) => settingLabels[area])
  .join(', ');

const asking = {
  recipients: to(approversNow),
  async variables(em: EntityManager, delivery: MailDelivery, dependencies: Dependencies) {
    const story = await tellStory(em, delivery.rowId);
    const { elevation } = story;
    // Decided or overdue by now: the mail would ask for nothing.
    if (elevation.status !== 'pending' || elevation.decideBy <= (await databaseNow(em))) return null;
    return {
      ...names(story),
      agentAddress: story.agent.email,
      reason: elevation.reason,
      ticket: elevation.ticket ?? null,
      durationSeconds: elevation.durationSeconds,
      settings,
      decideBy: elevation.decideBy.toISOString(),
      url: page(story, dependencies),
    };
  },
};

const endings = ['expired', 'revoked', 'returned', 'superseded', 'ended'] as const;

/** Who is told about an elevation, and what. */
export const elevationMails: Concerns = {
  'elevation.requested': asking,
  'elevation.reminder': asking,
  'elevation.approved': {
    recipients: to(agent, othersAsked),
    async variables(em, delivery, dependencies) {
      const story = await tellStory(em, delivery.rowId);
      if (!story.grant) return null;
      const { startsAt, expiresAt } = story.grant;
      return {
        ...names(story),
        approverName: story.nameOf(story.elevation.decidedById) ?? 'An administrator',
        durationSeconds: Math.max(1, Math.round((expiresAt.getTime() - startsAt.getTime()) / 1000)),
        expiresAt: expiresAt.toISOString(),
        settings,
        url: page(story, dependencies),
      };
    },
  },
  'elevation.denied': {
    recipients: to(agent, othersAsked),
    async variables(em, delivery, dependencies) {
      const story = await tellStory(em, delivery.rowId);
      return {
        ...names(story),
        deniedByName: story.nameOf(story.elevation.decidedById) ?? 'An administrator',
        reason: story.elevation.decisionReason ?? null,
        url: page(story, dependencies),
      };
    },
  },
  'elevation.cancelled': {
    recipients: to(agentUnlessCanceller, othersAsked),
    async variables(em, delivery, dependencies) {
      const story = await tellStory(em, delivery.rowId);
      const { decidedAt, decideBy, decidedById, requesterId } = story.elevation;
      return {
        ...names(story),
        how: decidedById === requesterId ? 'withdrawn' : 'right_lost',
        cancelledAt: (decidedAt ?? decideBy).toISOString(),
        url: page(story, dependencies),
      };
    },
  },
  'elevation.expired': {
    recipients: to(agent, othersAsked),
    async variables(em, delivery, dependencies) {
      const story = await tellStory(em, delivery.rowId);
      return { ...names(story), expiredAt: story.elevation.decideBy.toISOString(), url: page(story, dependencies) };
    },
  },
  'elevation.ended': {
    recipients: to(agent, customersAdministrators),
    async variables(em, delivery, dependencies) {
      const story = await tellStory(em, delivery.rowId);
      const how = endings.find((ending) => ending === story.grant?.status);
      if (!story.grant || !how) return null;
      return {
        ...names(story),
        how,
        endedByName: story.nameOf(story.grant.endedById),
        reason: how === 'revoked' ? (story.grant.endReason ?? null) : null,
        endedAt: (story.grant.endedAt ?? story.grant.expiresAt).toISOString(),
        url: page(story, dependencies),
      };
    },
  },
  'elevation.unexpected': {
    recipients: to(customersAdministrators, partnersAdministrators),
    async variables(em, delivery, dependencies) {
      const story = await tellStory(em, delivery.rowId);
      return {
        ...names(story),
        agentAddress: story.agent.email,
        deniedByName: story.nameOf(story.elevation.decidedById) ?? 'An administrator',
        reason: story.elevation.decisionReason ?? null,
        requestReason: story.elevation.reason,
        requestedAt: story.elevation.createdAt.toISOString(),
        url: page(story, dependencies),
      };
    },
  },
};
