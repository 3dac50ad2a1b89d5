import {
  attachmentRole,
  externalAdministrationPartners,
  mayAttachWithoutApproval,
  mayBecomeExternalAdministrator,
  mayRequestExternalAdministration,
  type Subject,
  type TargetOrganization,
} from '#access';
import { policySeconds, type CreateExternalAdministratorRequest } from '#contracts';
import { LockMode } from '@mikro-orm/postgresql';
import {
  Account,
  continueAsSystem,
  ExternalAdministratorRequest,
  holdStanding,
  loadSubject,
  loadTarget,
  Membership,
  Organization,
  type EntityManager,
} from '#persistence';
import { closeOverdueOrRefuse } from '../approval/expire.ts';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { refuseAct } from '../refuse-act.ts';
import { choosePartner } from '../require-partner.ts';
import { requirePerson } from '../require-person.ts';
import { subjectOf } from '../subject-of.ts';
import { admitExternalAdministrator } from './admit.ts';
import { couldComeIn } from './could-come-in.ts';
import { externalAdministratorFlow } from './flow.ts';
import { recordForBoth, recordOnEachSide } from './record.ts';
import { toldOfExternalMembership } from './role.ts';
import { endWithinTerm } from './term.ts';

/** Who asks for what, once the rules let them. */
interface Asking {
  input: CreateExternalAdministratorRequest;
  requesterId: string;
  partnerId: string;
  /** Null where nobody here answers to the name: the request looks alike and expires unanswered. */
  customer: Organization | null;
  target: TargetOrganization | null;
  by: string;
  now: Date;
}

/**
 * A partner administrator asks to administer a customer, named by id or by domain. Whether there is such a customer
 * changes nothing about the answer. Goes on as the system: the customer is in nobody's reach yet.
 */
export async function requestExternalAdministration(
  decision: Decision,
  input: CreateExternalAdministratorRequest,
): Promise<ExternalAdministratorRequest> {
  const { em, actor } = decision;
  const requesterId = await requirePerson(decision, 'external-administrator.requested');
  await continueAsSystem(em);
  // One at a time per person: two names of one customer make one open request.
  await em.find(
    Membership,
    { accountId: requesterId, removedAt: null },
    { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' }, refresh: true },
  );
  const customer = await namedCustomer(em, input);
  await holdStanding(em, [], customer?.id ?? null);
  const now = await decision.now();
  const target = customer && (await loadTarget(em, customer.id));
  const subject = await subjectOf(em, actor);
  const partnerId = input.partnerId ?? choosePartner(subject, externalAdministrationPartners(subject, now));

  const ruling = mayRequestExternalAdministration(subject, partnerId, target, now);
  if (!ruling.allowed) return refuseAsking(subject, partnerId, input.attach, ruling.code);
  // Access counts even where this session does not open it.
  const whole = mayRequestExternalAdministration(await loadSubject(em, requesterId), partnerId, target, now);
  if (!whole.allowed) return refuseAsking(subject, partnerId, input.attach, whole.code);
  const eligible = mayBecomeExternalAdministrator(subject, now, await em.findOneOrFail(Account, { id: requesterId }));
  if (!eligible.allowed) return refuseAsking(subject, partnerId, input.attach, eligible.code);

  const asking: Asking = { input, requesterId, partnerId, customer, target, by: ruling.by, now };
  const comesIn = customer === null || (await couldComeIn(em, customer, requesterId));
  // Asked by its id, a customer is known to whoever asks; by a domain, nothing tells whether there is one.
  if (!comesIn && input.customerId) return refuseAsking(subject, partnerId, input.attach, 'sign_in_not_possible');
  if (!comesIn) asking.customer = null;
  const pair = { requesterId, customerKey: keyOf(input) };
  await closeOverdueOrRefuse(decision, externalAdministratorFlow, { open: pair, byTheSame: pair }, now);
  return input.attach ? attach(decision, asking, subject) : ask(decision, asking);
}

const keyOf = ({ customerId, customerDomain }: CreateExternalAdministratorRequest): string =>
  customerId?.toLowerCase() ?? customerDomain ?? '';

/** Organizations that are no customers are as unknown as those that do not exist; a domain leads to whoever has proven it. */
async function namedCustomer(
  em: EntityManager,
  input: CreateExternalAdministratorRequest,
): Promise<Organization | null> {
  const name = input.customerId ? { id: input.customerId } : { provenDomains: { $contains: [keyOf(input)] } };
  return em.findOne(Organization, { kind: 'customer', ...name }, { orderBy: { id: 'asc' } });
}

/** On record with the requester's own organizations: a customer that was never asked hears nothing. */
function refuseAsking(subject: Subject, partnerId: string, attaching: boolean, code: string): never {
  const home = subject.memberships.filter(({ kind }) => kind === 'home').map(({ organizationId }) => organizationId);
  return refuseAct(
    {
      action: `external-administrator.${attaching ? 'attached' : 'requested'}`,
      organizationIds: home.includes(partnerId) ? [partnerId] : home,
      subject: { kind: 'account', id: subject.accountId },
    },
    code,
  );
}

async function ask(decision: Decision, asking: Asking): Promise<ExternalAdministratorRequest> {
  const { input, by, now } = asking;
  const request = await writeRequest(decision, asking, {
    status: 'pending',
    customerId: await customerToAsk(decision.em, asking),
    decideBy: new Date(now.getTime() + (await pendingSeconds(decision.em, asking)) * 1000),
  });
  recordOnEachSide(decision, request, {
    verb: 'requested',
    by,
    facts: { decideBy: request.decideBy },
    reason: input.reason,
    at: now,
  });
  await decision.nudge('externalAdministrator', request.id);
  return request;
}

/** A customer with an open request of the same person, under its other name, is not asked twice; the requester sees no difference. */
async function customerToAsk(em: EntityManager, { requesterId, customer, now }: Asking): Promise<string | null> {
  if (!customer) return null;
  const open = await em.count(ExternalAdministratorRequest, {
    requesterId,
    customerId: customer.id,
    status: 'pending',
    decideBy: { $gt: now },
  });
  return open > 0 ? null : customer.id;
}

/** By the asking partner's policy alone: a deadline of the customer's would tell whether there is one. */
async function pendingSeconds(em: EntityManager, { partnerId }: Asking): Promise<number> {
  const { policy } = await em.findOneOrFail(Organization, { id: partnerId });
  return policySeconds(policy, 'externalAdministratorPendingSeconds');
}

/**
 * Attaches at once where deployment and customer allow it. Every no is the same no, whatever the reason and whether or
 * not there is such a customer.
 */
async function attach(decision: Decision, asking: Asking, subject: Subject): Promise<ExternalAdministratorRequest> {
  const { em, settings } = decision;
  const { partnerId, by } = asking;
  const customer = asking.customer && (await lockRow(em, Organization, { id: asking.customer.id }));
  // Of two who attach at once, the second finds the first's relationship: under the lock, by the clock after it.
  const now = await decision.now();
  const present = customer && (await loadTarget(em, customer.id));
  const members = customer
    ? await em.count(Membership, { organizationId: customer.id, kind: 'home', removedAt: null })
    : 0;
  const facts = {
    users: Math.max(customer?.userCount ?? 0, members),
    verifiedDomains: customer?.provenDomains.length ?? 0,
    claimedDomains: customer?.domains.length ?? 0,
    activeLicences: customer?.hasActiveLicence ? 1 : 0,
  };
  if (!customer || !present || !mayAttachWithoutApproval(settings.attachWithoutApproval, present, facts, now).allowed)
    return refuseAsking(subject, partnerId, true, 'approval_required');

  const request = await writeRequest(
    decision,
    { ...asking, now },
    { status: 'approved', customerId: customer.id, decideBy: now },
  );
  request.decidedAt = now;
  request.decidedById = asking.requesterId;
  const role = attachmentRole(facts);
  const former = await lockRow(em, Membership, {
    organizationId: customer.id,
    accountId: asking.requesterId,
    removedAt: null,
  });
  const membership = await admitExternalAdministrator(decision, {
    request,
    customerId: customer.id,
    role,
    until: endWithinTerm(customer, null, now),
    former,
    by,
    now,
  });
  recordForBoth(decision, request, {
    verb: 'attached',
    by,
    facts: {
      role,
      accountId: membership.accountId,
      memberId: membership.id,
      relationshipId: membership.relationshipId,
    },
    standing: toldOfExternalMembership(membership, role, request.partnerId),
    reason: asking.input.reason,
    at: now,
  });
  await decision.nudge('externalAdministrator', request.id);
  return request;
}

async function writeRequest(
  { em }: Decision,
  { input, requesterId, partnerId, now }: Asking,
  state: Pick<ExternalAdministratorRequest, 'status' | 'decideBy'> & { customerId: string | null },
): Promise<ExternalAdministratorRequest> {
  const request = em.create(ExternalAdministratorRequest, {
    ...state,
    customerKey: keyOf(input),
    customerDomain: input.customerDomain ?? null,
    partnerId,
    requesterId,
    addressedTo: input.addressedTo ?? null,
    reason: input.reason,
    createdAt: now,
  });
  await em.flush();
  return request;
}
