import { roleLabels } from '#access';
import { changeRequestFlow, requesterNameOf } from '#decisions';
import { Account, ChangeRequest, databaseNow, Membership, Organization, type EntityManager } from '#persistence';
import type { Dependencies } from '../dependencies.ts';
import type { Concerns, Telling } from '../mail/concern.ts';
import { recipientsOfApproval, type Choice } from '../mail/recipients.ts';

const { requester, approvers, othersAsked, decidingSide, askingSide, to } = recipientsOfApproval(changeRequestFlow);

/** A key has no mailbox: of what it proposed its partner's administrators hear. */
const proposer: Choice<ChangeRequest> = async (em, request) =>
  request.requesterKind === 'service' ? askingSide(em, request) : requester(em, request);

/** What is proposed, in words. */
async function inWords(em: EntityManager, { kind, organizationId, change }: ChangeRequest): Promise<string> {
  if (kind === 'appointment') {
    const member = change.memberId ? await em.findOne(Membership, { id: change.memberId, organizationId }) : null;
    const account = member && (await em.findOne(Account, { id: member.accountId }));
    return `${account?.displayName ?? change.email ?? 'Somebody'} as ${roleLabels.full_administrator}`;
  }
  const parts = [
    ...(change.loginMethods ? [`Login methods: ${change.loginMethods.join(', ')}`] : []),
    ...(change.sso === undefined ? [] : [`Identity provider: ${change.sso?.issuer ?? 'none'}`]),
    ...(change.domains ? [`Domains: ${change.domains.join(', ') || 'none'}`] : []),
    ...(change.foreignSignIn ? ['External administrators come in by their own organization’s sign-in'] : []),
    ...Object.entries(change.policy ?? {}).map(([name, seconds]) => `${name}: ${seconds}`),
  ];
  return parts.join('; ');
}

/** What every mail about a proposal says, read when it goes out. */
async function tellStory(em: EntityManager, { rowId }: Telling, { publicUrl }: Dependencies) {
  const request = await em.findOneOrFail(ChangeRequest, { id: rowId });
  const organization = await em.findOneOrFail(Organization, { id: request.organizationId });
  const partner = request.partnerId ? await em.findOne(Organization, { id: request.partnerId }) : null;
  const decider = request.decidedById ? await em.findOne(Account, { id: request.decidedById }) : null;
  return {
    request,
    deciderName: decider?.displayName ?? 'An administrator',
    words: {
      proposerName: await requesterNameOf(em, request),
      proposingName: partner?.name ?? organization.name,
      organizationName: organization.name,
      change: await inWords(em, request),
      url: `${publicUrl}/change-requests/${request.id}`,
    },
  };
}

const asking = {
  recipients: to(approvers),
  async variables(em: EntityManager, delivery: Telling, dependencies: Dependencies) {
    const { request, words } = await tellStory(em, delivery, dependencies);
    // Decided or overdue by now: the mail would ask for nothing.
    if (request.status !== 'pending' || request.decideBy <= (await databaseNow(em))) return null;
    return { ...words, reason: request.reason, decideBy: request.decideBy.toISOString() };
  },
};

/** Who is told about a change request, and what. */
export const changeRequestMails: Concerns = {
  'change-request.requested': asking,
  'change-request.reminder': asking,
  'change-request.approved': {
    // Whoever holds the role hears who is to hold it, too, and what holds from now on.
    recipients: to(proposer, decidingSide),
    async variables(em, delivery, dependencies) {
      const { deciderName, words } = await tellStory(em, delivery, dependencies);
      return { ...words, approverName: deciderName };
    },
  },
  'change-request.denied': {
    recipients: to(proposer, othersAsked),
    async variables(em, delivery, dependencies) {
      const { request, deciderName, words } = await tellStory(em, delivery, dependencies);
      return { ...words, deniedByName: deciderName, reason: request.decisionReason ?? null };
    },
  },
  'change-request.unexpected': {
    recipients: to(decidingSide, askingSide),
    async variables(em, delivery, dependencies) {
      const { request, deciderName, words } = await tellStory(em, delivery, dependencies);
      const requestReason = request.reason;
      return { ...words, deniedByName: deciderName, reason: request.decisionReason ?? null, requestReason };
    },
  },
  'change-request.cancelled': {
    recipients: to(othersAsked),
    async variables(em, delivery, dependencies) {
      const { request, words } = await tellStory(em, delivery, dependencies);
      return { ...words, cancelledAt: (request.decidedAt ?? request.decideBy).toISOString() };
    },
  },
  'change-request.expired': {
    recipients: to(proposer, othersAsked),
    async variables(em, delivery, dependencies) {
      const { request, words } = await tellStory(em, delivery, dependencies);
      return { ...words, expiredAt: request.decideBy.toISOString() };
    },
  },
};
