import { isExternalAdministratorRole, roleLabels } from '#access';
import { administratorsToldOf, approvalStatusAt, externalAdministratorFlow, isAttached } from '#decisions';
import {
  Account,
  databaseNow,
  ExternalAdministratorRequest,
  MailDelivery,
  Organization,
  type EntityManager,
} from '#persistence';
import type { Dependencies } from '../dependencies.ts';
import type { Concerns, Telling } from '../mail/concern.ts';
import { recipientsOfApproval, type Choice } from '../mail/recipients.ts';
import { secondsLeft } from '../mail/seconds-left.ts';

/** Everything the mails about a request may say to this recipient, read when they go out. */
interface Story {
  request: ExternalAdministratorRequest;
  requester: Account;
  customerName: string;
  partner: Organization;
  /** Empty for names that are not the recipient's to know. */
  nameOf(accountId: string | null | undefined): string | null;
}

/** The partner's side is told the customer's name with the approval; before, what was typed (the same for a customer nobody knows). */
async function tellStory(em: EntityManager, { rowId, accountId }: Telling): Promise<Story> {
  const request = await em.findOneOrFail(ExternalAdministratorRequest, { id: rowId });
  const customer = request.customerId ? await em.findOne(Organization, { id: request.customerId }) : null;
  const isOpen = request.status === 'approved' || accountId !== request.requesterId;
  const involved = [request.decidedById, request.endedById].filter((id) => typeof id === 'string');
  const people = isOpen ? await em.find(Account, { id: { $in: involved } }) : [];
  return {
    request,
    requester: await em.findOneOrFail(Account, { id: request.requesterId }),
    customerName: isOpen && customer ? customer.name : (request.customerDomain ?? request.customerKey),
    partner: await em.findOneOrFail(Organization, { id: request.partnerId }),
    nameOf: (id) => people.find((one) => one.id === id)?.displayName ?? null,
  };
}

/** Whether the customer's mails arrived is no business of the partner before it is let in. */
const { requester, othersAsked, decidingSide, askingSide, to } = recipientsOfApproval(
  externalAdministratorFlow,
  ({ customerId, partnerId, status }) =>
    customerId ? (status === 'approved' ? [customerId, partnerId] : [customerId]) : [partnerId],
);

/** The administrators there are now, the addressed one first. */
const administratorsNow: Choice<ExternalAdministratorRequest> = async (em, request) =>
  administratorsToldOf(em, request, await databaseNow(em));

/** The addressed administrator and at most five: those who were told once, else those there are now. */
const administrators: Choice<ExternalAdministratorRequest> = async (em, request) => {
  const told = await em.find(MailDelivery, {
    rowId: request.id,
    kind: { $in: ['external-administrator.requested', 'external-administrator.attached'] },
  });
  if (told.length > 0) return told.flatMap(({ accountId }) => (accountId ? [accountId] : []));
  return administratorsNow(em, request);
};

const page = ({ request }: Story, { publicUrl }: Dependencies) =>
  `${publicUrl}/external-administrator-requests/${request.id}`;
const names = ({ requester: { displayName }, partner, customerName }: Story) => ({
  requesterName: displayName,
  partnerName: partner.name,
  customerName,
});
const roleInWords = ({ request: { approvedRole } }: Story) =>
  approvedRole && isExternalAdministratorRole(approvedRole) ? roleLabels[approvedRole] : 'Administrator';
const somebody = 'An administrator';

const asking = {
  recipients: to(administratorsNow),
  async variables(em: EntityManager, delivery: Telling, dependencies: Dependencies) {
    const story = await tellStory(em, delivery);
    const { request } = story;
    // Decided or overdue by now: the mail would ask for nothing.
    const now = await databaseNow(em);
    if (approvalStatusAt(request, now) !== 'pending') return null;
    return {
      ...names(story),
      reason: request.reason,
      decideBy: request.decideBy.toISOString(),
      secondsLeft: secondsLeft(request, now),
      url: page(story, dependencies),
    };
  },
};

/** Who is told about an external administrator, and what. */
export const externalAdministratorMails: Concerns = {
  'external-administrator.requested': asking,
  'external-administrator.reminder': asking,
  'external-administrator.approved': {
    recipients: to(requester, othersAsked),
    async variables(em, delivery, dependencies) {
      const story = await tellStory(em, delivery);
      return {
        ...names(story),
        approverName: story.nameOf(story.request.decidedById) ?? somebody,
        role: roleInWords(story),
        until: story.request.until?.toISOString() ?? null,
        url: page(story, dependencies),
      };
    },
  },
  'external-administrator.attached': {
    recipients: to(administrators),
    async variables(em, delivery, dependencies) {
      const story = await tellStory(em, delivery);
      if (!isAttached(story.request)) return null;
      return {
        ...names(story),
        requesterAddress: story.requester.email,
        role: roleInWords(story),
        attachedAt: (story.request.decidedAt ?? story.request.createdAt).toISOString(),
        url: page(story, dependencies),
      };
    },
  },
  'external-administrator.denied': {
    recipients: to(requester, othersAsked),
    async variables(em, delivery, dependencies) {
      const story = await tellStory(em, delivery);
      return {
        ...names(story),
        deniedByName: story.nameOf(story.request.decidedById) ?? somebody,
        reason: story.request.decisionReason ?? null,
        url: page(story, dependencies),
      };
    },
  },
  'external-administrator.cancelled': {
    recipients: to(othersAsked),
    async variables(em, delivery, dependencies) {
      const story = await tellStory(em, delivery);
      const { decidedAt, decideBy } = story.request;
      return { ...names(story), cancelledAt: (decidedAt ?? decideBy).toISOString(), url: page(story, dependencies) };
    },
  },
  'external-administrator.expired': {
    recipients: to(requester, othersAsked),
    async variables(em, delivery, dependencies) {
      const story = await tellStory(em, delivery);
      return { ...names(story), expiredAt: story.request.decideBy.toISOString(), url: page(story, dependencies) };
    },
  },
  'external-administrator.ended': {
    recipients: to(requester, administrators),
    async variables(em, delivery, dependencies) {
      const story = await tellStory(em, delivery);
      const { endedAs, endedAt, endedById } = story.request;
      if (!endedAs || !endedAt) return null;
      return {
        ...names(story),
        how: endedAs,
        endedByName: story.nameOf(endedById),
        reason: null,
        endedAt: endedAt.toISOString(),
        url: page(story, dependencies),
      };
    },
  },
  'external-administrator.unexpected': {
    recipients: to(decidingSide, askingSide),
    async variables(em, delivery, dependencies) {
      const story = await tellStory(em, delivery);
      return {
        ...names(story),
        requesterAddress: story.requester.email,
        deniedByName: story.nameOf(story.request.decidedById) ?? somebody,
        reason: story.request.decisionReason ?? null,
        requestReason: story.request.reason,
        requestedAt: story.request.createdAt.toISOString(),
        url: page(story, dependencies),
      };
    },
  },
};
