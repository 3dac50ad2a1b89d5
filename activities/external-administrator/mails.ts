import { isExternalAdministratorRole, roleLabels } from '#access';
import { administratorsToldOf, externalAdministratorStatusAt, isAttached } from '#decisions';
import {
  Account,
  databaseNow,
  ExternalAdministratorRequest,
  MailDelivery,
  Membership,
  Organization,
  type EntityManager,
} from '#persistence';
import type { Dependencies } from '../dependencies.ts';
import { person, type Addressees, type Concerns } from '../mail/concern.ts';

/** Everything the mails about a request may say to this recipient, read when they go out. */
interface Story {
  request: ExternalAdministratorRequest;
  asker: Account;
  customerName: string;
  partner: Organization;
  /** Empty for names that are not the recipient's to know. */
  nameOf(accountId: string | null | undefined): string | null;
}

/** The partner's side is told the customer's name with the approval; before, what was typed (the same for a customer nobody knows). */
async function tellStory(em: EntityManager, { rowId, accountId }: MailDelivery): Promise<Story> {
  const request = await em.findOneOrFail(ExternalAdministratorRequest, { id: rowId });
  const customer = request.customerId ? await em.findOne(Organization, { id: request.customerId }) : null;
  const isOpen = request.status === 'approved' || accountId !== request.requesterId;
  const involved = [request.decidedById, request.endedById].filter((id) => typeof id === 'string');
  const people = isOpen ? await em.find(Account, { id: { $in: involved } }) : [];
  return {
    request,
    asker: await em.findOneOrFail(Account, { id: request.requesterId }),
    customerName: isOpen && customer ? customer.name : (request.customerDomain ?? request.customerKey),
    partner: await em.findOneOrFail(Organization, { id: request.partnerId }),
    nameOf: (id) => people.find((one) => one.id === id)?.displayName ?? null,
  };
}

type Choice = (em: EntityManager, request: ExternalAdministratorRequest) => Promise<string[]>;

const to =
  (...choices: Choice[]) =>
  async (em: EntityManager, requestId: string): Promise<Addressees> => {
    const request = await em.findOneOrFail(ExternalAdministratorRequest, { id: requestId });
    const chosen: string[] = [];
    for (const choose of choices) chosen.push(...(await choose(em, request)));
    const { customerId, partnerId, status } = request;
    // Whether the customer's mails arrived is no business of the partner before it is let in.
    const seenBy = customerId ? (status === 'approved' ? [customerId, partnerId] : [customerId]) : [partnerId];
    return { recipients: [...new Set(chosen)].map(person), organizationIds: seenBy };
  };

async function fullAdministrators(em: EntityManager, organizationId: string | null | undefined): Promise<string[]> {
  if (!organizationId) return [];
  const members = await em.find(Membership, {
    organizationId,
    kind: 'home',
    removedAt: null,
    administratorRoles: { $contains: ['full_administrator'] },
  });
  return members.map((member) => member.accountId);
}

const asker: Choice = async (_em, request) => [request.requesterId];
const customersAdministrators: Choice = (em, request) => fullAdministrators(em, request.customerId);
const partnersAdministrators: Choice = (em, request) => fullAdministrators(em, request.partnerId);

/** Whoever was asked is told how it went on, except who decided. */
const othersAsked: Choice = async (em, request) => {
  const asked = await em.find(MailDelivery, {
    rowId: request.id,
    kind: { $in: ['external-administrator.requested', 'external-administrator.reminder'] },
  });
  return asked.flatMap(({ accountId }) => (accountId && accountId !== request.decidedById ? [accountId] : []));
};

/** The addressed administrator and at most five: those who were told once, else those there are now. */
const administrators: Choice = async (em, request) => {
  const told = await em.find(MailDelivery, {
    rowId: request.id,
    kind: { $in: ['external-administrator.requested', 'external-administrator.attached'] },
  });
  if (told.length > 0) return told.flatMap(({ accountId }) => (accountId ? [accountId] : []));
  return administratorsToldOf(em, request, await databaseNow(em));
};

const page = ({ request }: Story, { publicUrl }: Dependencies) =>
  `${publicUrl}/external-administrator-requests/${request.id}`;
const names = ({ asker: { displayName }, partner, customerName }: Story) => ({
  administratorName: displayName,
  partnerName: partner.name,
  customerName,
});
const roleInWords = ({ request: { approvedRole } }: Story) =>
  approvedRole && isExternalAdministratorRole(approvedRole) ? roleLabels[approvedRole] : 'Administrator';
const somebody = 'An administrator';

const asking = {
  recipients: to(async (em, request) => administratorsToldOf(em, request, await databaseNow(em))),
  async variables(em: EntityManager, delivery: MailDelivery, dependencies: Dependencies) {
    const story = await tellStory(em, delivery);
    const { request } = story;
    // Decided or overdue by now: the mail would ask for nothing.
    if (externalAdministratorStatusAt(request, await databaseNow(em)) !== 'pending') return null;
    return {
      ...names(story),
      administratorAddress: story.asker.email,
      reason: request.reason,
      decideBy: request.decideBy.toISOString(),
      url: page(story, dependencies),
    };
  },
};

/** Who is told about an external administrator, and what. */
export const externalAdministratorMails: Concerns = {
  'external-administrator.requested': asking,
  'external-administrator.reminder': asking,
  'external-administrator.approved': {
    recipients: to(asker, othersAsked),
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
        administratorAddress: story.asker.email,
        role: roleInWords(story),
        attachedAt: (story.request.decidedAt ?? story.request.createdAt).toISOString(),
        url: page(story, dependencies),
      };
    },
  },
  'external-administrator.denied': {
    recipients: to(asker, othersAsked),
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
    recipients: to(asker, othersAsked),
    async variables(em, delivery, dependencies) {
      const story = await tellStory(em, delivery);
      return { ...names(story), expiredAt: story.request.decideBy.toISOString(), url: page(story, dependencies) };
    },
  },
  'external-administrator.ended': {
    recipients: to(asker, administrators),
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
    recipients: to(customersAdministrators, partnersAdministrators),
    async variables(em, delivery, dependencies) {
      const story = await tellStory(em, delivery);
      return {
        ...names(story),
        administratorAddress: story.asker.email,
        deniedByName: story.nameOf(story.request.decidedById) ?? somebody,
        reason: story.request.decisionReason ?? null,
        requestReason: story.request.reason,
        requestedAt: story.request.createdAt.toISOString(),
        url: page(story, dependencies),
      };
    },
  },
};
