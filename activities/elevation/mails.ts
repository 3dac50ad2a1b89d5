import { settingLabels, type Area } from '#access';
import { areasInWhole, elevationFlow } from '#decisions';
import { Account, databaseNow, Elevation, Grant, Organization, type EntityManager } from '#persistence';
import type { Dependencies } from '../dependencies.ts';
import type { Concerns, Telling } from '../mail/concern.ts';
import { recipientsOfApproval, type Choice } from '../mail/recipients.ts';
import { secondsLeft } from '../mail/seconds-left.ts';

/** Everything an elevation's mails may say, read when they go out. */
interface Story {
  elevation: Elevation;
  grant: Grant | null;
  requester: Account;
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
    requester: await em.findOneOrFail(Account, { id: elevation.requesterId }),
    customer: await em.findOneOrFail(Organization, { id: elevation.customerId }),
    partner: await em.findOneOrFail(Organization, { id: elevation.partnerId }),
    nameOf: (accountId) => people.find((one) => one.id === accountId)?.displayName ?? null,
  };
}

const { requester, approvers, othersAsked, decidingSide, askingSide, to } = recipientsOfApproval(elevationFlow);

/** The requester, unless they withdrew themselves: a lost right takes the request back without their doing. */
const requesterUnlessCanceller: Choice<Elevation> = async (_em, { requesterId, decidedById }) =>
  decidedById === requesterId ? [] : [requesterId];

const page = ({ elevation }: Story, { publicUrl }: Dependencies) => `${publicUrl}/elevations/${elevation.id}`;
const names = ({ requester: { displayName }, partner, customer }: Story) => ({
  requesterName: displayName,
  partnerName: partner.name,
  customerName: customer.name,
});
/** Asked when a mail goes out: the matrix in force is a deployment's, and read after this file. */
const inWords = (areas: readonly Area[] | null | undefined) =>
  areasInWhole(areas)
    .map((area) => settingLabels[area])
    .join(', ');

const asking = {
  recipients: to(approvers),
  async variables(em: EntityManager, delivery: Telling, dependencies: Dependencies) {
    const story = await tellStory(em, delivery.rowId);
    const { elevation } = story;
    // Decided or overdue by now: the mail would ask for nothing.
    const now = await databaseNow(em);
    if (elevation.status !== 'pending' || elevation.decideBy <= now) return null;
    return {
      ...names(story),
      requesterAddress: story.requester.email,
      reason: elevation.reason,
      ticket: elevation.ticket ?? null,
      durationSeconds: elevation.durationSeconds,
      settings: inWords(elevation.areas),
      decideBy: elevation.decideBy.toISOString(),
      secondsLeft: secondsLeft(elevation, now),
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
    recipients: to(requester, othersAsked),
    async variables(em, delivery, dependencies) {
      const story = await tellStory(em, delivery.rowId);
      if (!story.grant) return null;
      const { startsAt, expiresAt } = story.grant;
      return {
        ...names(story),
        approverName: story.nameOf(story.elevation.decidedById) ?? 'An administrator',
        durationSeconds: Math.max(1, Math.round((expiresAt.getTime() - startsAt.getTime()) / 1000)),
        expiresAt: expiresAt.toISOString(),
        settings: inWords(story.grant.areas),
        url: page(story, dependencies),
      };
    },
  },
  'elevation.denied': {
    recipients: to(requester, othersAsked),
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
    recipients: to(requesterUnlessCanceller, othersAsked),
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
    recipients: to(requester, othersAsked),
    async variables(em, delivery, dependencies) {
      const story = await tellStory(em, delivery.rowId);
      return { ...names(story), expiredAt: story.elevation.decideBy.toISOString(), url: page(story, dependencies) };
    },
  },
  'elevation.ended': {
    recipients: to(requester, decidingSide),
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
    recipients: to(decidingSide, askingSide),
    async variables(em, delivery, dependencies) {
      const story = await tellStory(em, delivery.rowId);
      return {
        ...names(story),
        requesterAddress: story.requester.email,
        deniedByName: story.nameOf(story.elevation.decidedById) ?? 'An administrator',
        reason: story.elevation.decisionReason ?? null,
        requestReason: story.elevation.reason,
        requestedAt: story.elevation.createdAt.toISOString(),
        url: page(story, dependencies),
      };
    },
  },
};
