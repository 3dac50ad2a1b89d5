import {
  isEligibleExternalAdministratorApprover,
  isSupport,
  maySeeExternalAdministratorRequest,
  type ExternalAdministratorParties,
  type Ruling,
  type Subject,
} from '#access';
import { Refusal, type RefusalDetails } from '#contracts';
import { ExternalAdministratorRequest, holdStanding, loadSubject, Membership, type EntityManager } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { refuseAct } from '../refuse-act.ts';
import { subjectOf } from '../subject-of.ts';

/** A request locked for a decision, with all that the rules look at, read under the locks. */
export interface RequestCase {
  request: ExternalAdministratorRequest;
  parties: ExternalAdministratorParties;
  /** The person who decides. */
  actor: Subject;
  /** A membership the asker has with the customer, locked. */
  membership: Membership | null;
  now: Date;
}

export function externalAdministratorPartiesOf(request: ExternalAdministratorRequest): ExternalAdministratorParties {
  return {
    requesterAccountId: request.requesterId,
    partnerId: request.partnerId,
    customerId: request.customerId ?? null,
  };
}

/**
 * Locks in the one order there is. It runs as the system, since neither side reads the other's people: the caller has
 * looked whether the row is in the actor's sight.
 */
export async function openRequestCase({ em, actor, now }: Decision, requestId: string): Promise<RequestCase> {
  const seen = await em.findOne(ExternalAdministratorRequest, { id: requestId });
  if (!seen) throw new Refusal('not_found');
  const customerId = seen.customerId ?? null;
  const membership =
    customerId === null
      ? null
      : await lockRow(em, Membership, { organizationId: customerId, accountId: seen.requesterId, removedAt: null });
  await holdStanding(em, [seen.requesterId, ...(actor.id ? [actor.id] : [])], customerId);
  const request = await lockRow(em, ExternalAdministratorRequest, { id: requestId });
  if (!request) throw new Refusal('not_found');
  return {
    request,
    parties: externalAdministratorPartiesOf(request),
    actor: await subjectOf(em, actor),
    membership,
    now: await now(),
  };
}

/** As `openRequestCase`, for an act: who may not see the request is answered as if there were none, and goes on record. */
export async function openRequestCaseToAct(decision: Decision, requestId: string, verb: string): Promise<RequestCase> {
  const opened = await openRequestCase(decision, requestId);
  const sight = maySeeExternalAdministratorRequest(opened.actor, opened.parties, opened.now);
  if (sight.allowed || isSupport(opened.actor, opened.now)) return opened;
  return refuseRequestAct(opened, verb, 'not_found', {}, sight.code);
}

/**
 * Whether this person decides for the customer: by what their session opens, and by all they belong to. Somebody who
 * signed in past the partner's own sign-in is a member of the asking partner all the same.
 */
export async function judgeApprover(
  em: EntityManager,
  actor: Subject,
  parties: Pick<ExternalAdministratorParties, 'requesterAccountId' | 'partnerId'>,
  customerId: string | null,
  now: Date,
): Promise<Ruling> {
  const inSession = isEligibleExternalAdministratorApprover(actor, parties, customerId, now);
  if (!inSession.allowed) return inSession;
  return isEligibleExternalAdministratorApprover(await loadSubject(em, actor.accountId), parties, customerId, now);
}

/** The state as it counts at this moment: an overdue request is expired, whether or not anybody wrote it down. */
export function externalAdministratorStatusAt(
  request: ExternalAdministratorRequest,
  now: Date,
): ExternalAdministratorRequest['status'] {
  return request.status === 'pending' && request.decideBy <= now ? 'expired' : request.status;
}

/** The same decision again by the same person changes nothing and is not an error. */
export function isSettledAlike(
  request: ExternalAdministratorRequest,
  decided: ExternalAdministratorRequest['status'],
  { actor }: Decision,
): boolean {
  return request.status === decided && actor.id !== null && request.decidedById === actor.id;
}

/**
 * Refuses what the actor tried with this request, on record on both sides, for each apart. Only what the customer's own
 * people try before an approval stays with the customer: it would tell the partner that there is one.
 */
export function refuseRequestAct(
  { request, actor }: RequestCase,
  verb: string,
  code: string,
  details: RefusalDetails = {},
  because?: string,
): never {
  const { customerId, partnerId } = request;
  const ofCustomer = actor.memberships.some((membership) => membership.organizationId === customerId);
  const isTold = !ofCustomer || request.status === 'approved';
  return refuseAct(
    {
      action: `external-administrator.${verb}`,
      organizationIds: [...(isTold ? [partnerId] : []), ...(customerId ? [customerId] : [])],
      isApart: true,
      subject: { kind: 'external-administrator', id: request.id },
      because,
    },
    code,
    details,
  );
}

/** Only people decide for a customer: neither the support team nor a service does. */
export function refuseUnlessPerson(opened: RequestCase, { actor }: Decision, verb: string): void {
  if (actor.kind === 'support') refuseRequestAct(opened, verb, 'support_never_approves');
  if (actor.kind !== 'account') refuseRequestAct(opened, verb, 'person_required');
}

/** Refuses somebody who is no approver. The support team hears that it never is one, under its own names, too. */
export function refuseApprover(opened: RequestCase, verb: string, code: string): never {
  return refuseRequestAct(opened, verb, isSupport(opened.actor, opened.now) ? 'support_never_approves' : code);
}

export function refuseUnlessPending(opened: RequestCase, verb: string): void {
  const status = externalAdministratorStatusAt(opened.request, opened.now);
  if (status !== 'pending') refuseRequestAct(opened, verb, 'request_not_pending', { state: { status } });
}
